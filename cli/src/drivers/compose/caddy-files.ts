import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DriverFoundation } from "../index.ts";

/** The Caddyfile, copied so that the proxy's user can read it, and what it imports: global options and sites of the chosen TLS mode. */
export const CADDY_FILES = ["Caddyfile", "tls.caddy", "site.caddy"] as const;
type CaddyFiles = Readonly<Record<(typeof CADDY_FILES)[number], string>>;

export function caddyEnvironment({ config }: DriverFoundation): Readonly<Record<string, string>> {
  return {
    TZ: "UTC",
    ELK_OS_AUTO_HTTPS: "off",
    ELK_OS_DIRECTUS_PORT: String(config.directusPort),
    ELK_OS_RAG_PORT: String(config.ragPort),
    ELK_OS_PORTAL_PORT: String(config.portalPort),
  };
}

export function caddyFiles({ checkout }: DriverFoundation): CaddyFiles {
  return {
    Caddyfile: readFileSync(join(checkout, "Caddyfile"), "utf8"),
    "tls.caddy": "# TLS is off.\n",
    "site.caddy": "# TLS is off.\n",
  };
}
