import type { Config } from "../config/schema.ts";
import { namesOf } from "../config/tls-rules.ts";
import { httpsUrl } from "../services/open-urls.ts";
import { LOOPBACK } from "../services/service-def.ts";

/** Where the names are served, as it is seen from this machine. */
export interface Door {
  /** Portal's name first. */
  readonly names: readonly string[];
  /** Address that a client on this machine connects to. */
  readonly host: string;
  readonly httpPort: number;
  /** Null: the certificate is with a proxy before ours. */
  readonly httpsPort: number | null;
}

/** Null with TLS off. Pure. */
export function doorOf(config: Config): Door | null {
  const names = namesOf(config);
  if (names === null) return null;
  return {
    names: [names.portal, names.studio],
    host: config.publicAddress ?? LOOPBACK,
    httpPort: config.httpPort,
    httpsPort: config.tls === "behind-proxy" ? null : config.httpsPort,
  };
}

/** Where the redirect of a name must lead. Pure. */
export function redirectTarget(config: Config, name: string, path: string): string {
  return `${httpsUrl(config, name)}${path}`;
}

/**
 * May browsers be told never to come without TLS? Only with a certificate that they believe. Where they do not (internal, staging) the
 * word would turn their warning into a wall, for a year.
 */
export function wantsHsts({ tls }: Pick<Config, "tls">): boolean {
  return tls === "acme" || tls === "behind-proxy";
}
