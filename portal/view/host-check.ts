/** Which names this site answers to. A foreign name that resolves to us is how a page elsewhere would read the board (DNS rebinding). */

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * @param host the Host header, with or without a port; null when there is none
 * @param allowed further names, lower case and without ports; null: any, for a portal behind a proxy that has checked already
 */
export function isOurHost(host: string | null, allowed: readonly string[] | null): boolean {
  if (host === null || !/^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?$/i.test(host)) return false;
  const name = host.replace(/:[0-9]{1,5}$/, "").toLowerCase();
  return LOOPBACK.has(name) || allowed === null || allowed.includes(name);
}
