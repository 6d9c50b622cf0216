/** Which page of the archive an address of the portal names. Pure. */

/** The same page in another dress or at the archive's own instant. */
const DRESS = ["theme", "kiosk", "at"];
/** Addresses that are no page of the archive. */
const NO_PAGE = /^\/(api|_next|\.well-known|healthz|embed|unavailable)(\/|$)|\.(xml|atom|csv|json|svg)$/;

export function pathnameOf(path: string): string {
  return path.replace(/[?#].*$/s, "");
}

/** "/list?page=2&at=…&theme=paper#x" → "/list?page=2": path and what is left of the query. Null for what is no page. */
export function pageKey(path: string): string | null {
  if (!path.startsWith("/") || path.startsWith("//") || NO_PAGE.test(pathnameOf(path))) return null;
  const [, search = ""] = path.replace(/#.*$/s, "").split("?");
  const query = new URLSearchParams(search);
  for (const name of DRESS) query.delete(name);
  query.sort();
  return query.size === 0 ? pathnameOf(path) : `${pathnameOf(path)}?${query.toString()}`;
}

/** "/tasks/65" → "tasks/65/index.html"; "/list?page=2" → "list/page-2/index.html". */
export function pageFile(key: string): string {
  const [path = "", search = ""] = key.split("?");
  const folders = [
    ...path.split("/"),
    ...[...new URLSearchParams(search)].map(([name, value]) => `${name}-${encodeURIComponent(value)}`),
  ].filter((folder) => folder !== "");
  return [...folders, "index.html"].join("/");
}
