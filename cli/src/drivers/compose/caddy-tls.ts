import type { Config } from "../../config/schema.ts";
import { listOf, namesOf } from "../../config/tls-rules.ts";
import { wantsHsts } from "../../tls/door.ts";

/** Let's Encrypt's ACME directories, named so that Caddy asks this authority and no second one. */
const DIRECTORIES = {
  acme: "https://acme-v02.api.letsencrypt.org/directory",
  staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
} as const;

/**
 * How often Caddy looks whether a certificate of an authority of one's own is to be renewed. Its default is ten minutes, which is for
 * certificates of days: one of five minutes, which step-ca allows, would end between two looks. Caddy also renews whatever ends within
 * five such intervals.
 */
const OWN_AUTHORITY_RENEWAL = "renew_interval 30s";

/** A year, for the two names alone: what else lies below them is not ours to decide. */
const HSTS = 'header Strict-Transport-Security "max-age=31536000"';

/** Global options of the Caddyfile for the chosen mode. `rootFile`: where the proxy finds the roots of an authority of one's own. Pure. */
export function tlsOptions(config: Config, rootFile: string): string {
  return text(config, optionsOf(config, rootFile));
}

function optionsOf(config: Config, rootFile: string): readonly string[] {
  const { tls, httpPort, httpsPort } = config;
  if (tls === "off") return ["auto_https off"];
  if (tls === "behind-proxy")
    return [
      "auto_https off",
      "servers {",
      "\tprotocols h1",
      `\ttrusted_proxies static ${rangesOf(config)}`,
      // From the right: what the client wrote itself stands left of what the proxies wrote.
      "\ttrusted_proxies_strict",
      "}",
    ];
  return [
    // The redirects stand in the sites, for the names alone.
    "auto_https disable_redirects",
    `http_port ${httpPort}`,
    `https_port ${httpsPort}`,
    // HTTP/3 would need a port of UDP as well.
    "servers {",
    "\tprotocols h1 h2",
    "}",
    ...(tls === "internal" ? ["local_certs", "skip_install_trust"] : issuer(config, DIRECTORIES[tls], rootFile)),
  ];
}

function rangesOf({ trustedProxies }: Config): string {
  return trustedProxies === undefined ? "private_ranges" : listOf(trustedProxies).join(" ");
}

/** One way of proof: port 80 must be open for the redirect anyway. */
function issuer({ acmeEmail, acmeCa, acmeCaRoot }: Config, directory: string, rootFile: string): readonly string[] {
  return [
    ...(acmeEmail === undefined ? [] : [`email ${acmeEmail}`]),
    ...(acmeCa === undefined ? [] : [OWN_AUTHORITY_RENEWAL]),
    `cert_issuer acme ${acmeCa ?? directory} {`,
    "\tdisable_tlsalpn_challenge",
    ...(acmeCaRoot === undefined ? [] : [`\ttrusted_roots ${rootFile}`]),
    "}",
  ];
}

/** Portal and Studio by name; nothing with TLS off. Pure. */
export function namedSites(config: Config): string {
  const names = namesOf(config);
  if (names === null) return text(config, []);
  const { portal, studio } = names;
  const doors = [`http://${portal}:${config.httpPort}`, `http://${studio}:${config.httpPort}`] as const;
  return text(config, [
    ...(config.tls === "behind-proxy"
      ? [...plainSite(doors[0], "portal"), ...plainSite(doors[1], "directus")]
      : [
          ...block(doors.join(", "), [redirect(config)]),
          ...securedSite(config, portal, "portal"),
          ...securedSite(config, studio, "directus"),
        ]),
    // Without it Caddy answers every other name with an empty 200.
    ...block(`http://:${config.httpPort}`, ["respond 421"]),
  ]);
}

type Upstream = "portal" | "directus";

function securedSite(config: Config, name: string, upstream: Upstream): readonly string[] {
  return block(`https://${name}:${config.httpsPort}`, [...(wantsHsts(config) ? [HSTS] : []), `import ${upstream}`]);
}

/** The proxy before ours says how the client came to it. */
function plainSite(address: string, upstream: Upstream): readonly string[] {
  return block(address, [
    "@plain header X-Forwarded-Proto http",
    "redir @plain https://{host}{uri} 308",
    HSTS,
    `import ${upstream}`,
  ]);
}

function redirect({ httpsPort }: Config): string {
  return `redir https://{host}${httpsPort === 443 ? "" : `:${httpsPort}`}{uri} 308`;
}

function block(head: string, body: readonly string[]): readonly string[] {
  return [`${head} {`, ...body.map((line) => `\t${line}`), "}"];
}

function text({ tls }: Config, body: readonly string[]): string {
  return `${[`# ELK_OS_TLS is ${tls}. Written by elk-os at every start: change the settings, not this file.`, ...body].join("\n")}\n`;
}
