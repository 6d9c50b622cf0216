import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readRoots } from "../../tls/roots.ts";
import type { DriverFoundation } from "../index.ts";
import { namedSites, tlsOptions } from "./caddy-tls.ts";
import { FILES } from "./container-layout.ts";

/** The Caddyfile, copied so that the proxy's user can read it, what it imports, and the roots of an authority of one's own. */
export const CADDY_FILES = ["Caddyfile", "tls.caddy", "site.caddy", "acme-root.pem"] as const;
type CaddyFiles = Readonly<Record<(typeof CADDY_FILES)[number], string>>;

/** compose.yaml asks it there whether it runs. */
const HEALTH_PORT = 2020;

export function caddyEnvironment({ config }: Pick<DriverFoundation, "config">): Readonly<Record<string, string>> {
  const { directusPort, ragPort, portalPort } = config;
  return {
    TZ: "UTC",
    // Certificates and the account at the authority: the volume that `down` keeps.
    XDG_DATA_HOME: "/data",
    XDG_CONFIG_HOME: "/config",
    ELK_OS_BIND: "0.0.0.0",
    ELK_OS_HEALTH_PORT: String(HEALTH_PORT),
    ELK_OS_DIRECTUS_PORT: String(directusPort),
    ELK_OS_RAG_PORT: String(ragPort),
    ELK_OS_PORTAL_PORT: String(portalPort),
    ELK_OS_UPSTREAM_DIRECTUS: `directus:${directusPort}`,
    ELK_OS_UPSTREAM_RAG: `rag:${ragPort}`,
    ELK_OS_UPSTREAM_PORTAL: `portal:${portalPort}`,
  };
}

/** `folder`: where the proxy finds them. @throws CliError CONFIG_VALUE_INVALID for a file of roots that holds none */
export function caddyFiles(
  { checkout, config }: Pick<DriverFoundation, "checkout" | "config">,
  folder = FILES,
): CaddyFiles {
  return {
    Caddyfile: readFileSync(join(checkout, "Caddyfile"), "utf8"),
    "tls.caddy": tlsOptions(config, join(folder, "acme-root.pem")),
    "site.caddy": namedSites(config),
    "acme-root.pem":
      config.tls === "acme" && config.acmeCaRoot !== undefined ? readRoots(config.acmeCaRoot).join("") : "",
  };
}
