import type { Config } from "../config/schema.ts";
import { namesOf } from "../config/tls-rules.ts";
import { LOOPBACK } from "./service-def.ts";

const HTTPS_PORT = 443;

/** Where a browser or an agent opens portal and Directus, without a slash at the end: by name where TLS is on, else on loopback. Pure. */
export function openUrls(config: Config): { readonly portal: string; readonly directus: string } {
  const names = namesOf(config);
  if (names === null)
    return {
      portal: `http://${LOOPBACK}:${config.portalPort}`,
      directus: `http://${LOOPBACK}:${config.directusPort}`,
    };
  return { portal: httpsUrl(config, names.portal), directus: httpsUrl(config, names.studio) };
}

/** A proxy before ours has 443, whatever port ours would have. */
export function httpsUrl({ tls, httpsPort }: Config, name: string): string {
  const port = tls === "behind-proxy" ? HTTPS_PORT : httpsPort;
  return `https://${name}${port === HTTPS_PORT ? "" : `:${port}`}`;
}
