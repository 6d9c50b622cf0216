import { IDENTITY_PATH } from "@muster/board/identity";

const OPEN = new Set(["/health", "/health/ready", IDENTITY_PATH]);

/** Routes that never ask for a key and are never refused for load: they are how a service is told from a stranger. */
export function isOpenRoute(url: string | undefined): boolean {
  return url !== undefined && OPEN.has(url);
}
