/** Caddy as it is in the image, and an ACME authority for tests: programs of newer Debians, unpacked beside those of the engine. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { ensureUnpacked } from "../../scripts/engine/packages.ts";
import { enginePlace } from "../../scripts/engine/place.ts";

const PACKAGES = { forky: ["caddy"], trixie: ["pebble"] } as const;

export type TlsTools =
  | {
      readonly kind: "ready";
      readonly caddy: string;
      readonly pebble: string;
      /** A DNS server that answers every name with loopback. */
      readonly names: string;
      /** "2.11.4" */
      readonly caddyVersion: string;
    }
  /** Why they cannot be had here. */
  | { readonly kind: "none"; readonly why: string };

/** Fetches them when they are not there. Never throws. */
export function findTlsTools(): TlsTools {
  try {
    execFileSync("openssl", ["version"], { stdio: "pipe" });
    const programs = join(ensureUnpacked(enginePlace(), PACKAGES).folder, "root", "usr", "bin");
    const caddy = join(programs, "caddy");
    const said = execFileSync(caddy, ["version"], { encoding: "utf8", stdio: "pipe" });
    return {
      kind: "ready",
      caddy,
      pebble: join(programs, "pebble"),
      names: join(programs, "pebble-challtestsrv"),
      caddyVersion: /\d+\.\d+\.\d+/.exec(said)?.[0] ?? said.trim(),
    };
  } catch (error) {
    const [why = ""] = (error instanceof Error ? error.message : String(error)).trim().split("\n");
    return { kind: "none", why };
  }
}
