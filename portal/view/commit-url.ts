/** Where a commit can be looked at: the repository's own page of it, as every forge that shows commits under /commit/ has it. */

/**
 * Null when the commit is no hash, or when the repository's address is not one that a reader can be sent to: other schemes than http and
 * https, and addresses that hold a user or a password.
 */
export function commitUrl(repository: string | null, commit: string): string | null {
  if (repository === null || !/^[0-9a-f]{7,64}$/.test(commit)) return null;
  const url = URL.parse(repository);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return null;
  const path = url.pathname.replace(/\/+$/, "").replace(/\.git$/, "");
  return path === "" ? null : `${url.origin}${path}/commit/${commit}`;
}
