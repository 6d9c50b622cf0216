/** What elk-os writes for the proxy, as text. That Caddy reads and does it: test/compose/tls.compose.test.ts. */
import { describe, expect, test } from "vitest";
import { configSchema } from "../../config/schema.ts";
import { namedSites, tlsOptions } from "./caddy-tls.ts";
import { publishedPorts } from "./published-ports.ts";

const ROOT = "/run/muster/acme-root.pem";
const configOf = (settings: object) =>
  configSchema.parse({
    stateDir: "/state",
    cacheDir: "/cache",
    instance: "demo",
    domain: "board.example.org",
    ...settings,
  });
const optionsOf = (settings: object) => tlsOptions(configOf(settings), ROOT).split("\n").slice(1).join("\n");
const sitesOf = (settings: object) => namedSites(configOf(settings)).split("\n").slice(1).join("\n");

const OWN = "auto_https disable_redirects\nhttp_port 80\nhttps_port 443\nservers {\n\tprotocols h1 h2\n}\n";
const REDIRECT =
  "http://board.example.org:80, http://studio.board.example.org:80 {\n\tredir https://{host}{uri} 308\n}\n";
const STRANGERS = "http://:80 {\n\trespond 421\n}\n";

test("with TLS off there is no site by name, no certificate and no port", () => {
  expect(optionsOf({ tls: "off" })).toBe("auto_https off\n");
  expect(sitesOf({ tls: "off" })).toBe("");
  expect(publishedPorts(configOf({ tls: "off" }))).toEqual({
    composeFiles: [],
    variables: {},
    portKeys: [],
    address: null,
  });
});

describe("global options", () => {
  test("internal: an authority of the proxy's own, which it puts into no system's store", () => {
    expect(optionsOf({ tls: "internal" })).toBe(`${OWN}local_certs\nskip_install_trust\n`);
  });

  test("acme and staging: Let's Encrypt and nobody else, proven on port 80", () => {
    expect(optionsOf({ tls: "acme", acmeEmail: "a@example.org" })).toBe(
      `${OWN}email a@example.org\ncert_issuer acme https://acme-v02.api.letsencrypt.org/directory {\n\tdisable_tlsalpn_challenge\n}\n`,
    );
    expect(optionsOf({ tls: "staging" })).toContain(
      "cert_issuer acme https://acme-staging-v02.api.letsencrypt.org/directory {\n",
    );
  });

  test("an authority of one's own is asked instead, believed by its roots, and may give certificates of minutes", () => {
    expect(optionsOf({ tls: "acme", acmeCa: "https://ca.test/dir", acmeCaRoot: "/etc/ca.pem" })).toBe(
      `${OWN}renew_interval 30s\ncert_issuer acme https://ca.test/dir {\n\tdisable_tlsalpn_challenge\n\ttrusted_roots ${ROOT}\n}\n`,
    );
  });

  test("behind a proxy: no certificate, and the word of private networks or of those that are named", () => {
    expect(optionsOf({ tls: "behind-proxy" })).toBe(
      "auto_https off\nservers {\n\tprotocols h1\n\ttrusted_proxies static private_ranges\n\ttrusted_proxies_strict\n}\n",
    );
    expect(optionsOf({ tls: "behind-proxy", trustedProxies: "10.0.0.7, fd00::/8" })).toContain(
      "trusted_proxies static 10.0.0.7 fd00::/8\n",
    );
  });
});

describe("sites by name", () => {
  const HSTS = '\theader Strict-Transport-Security "max-age=31536000"\n';
  const secured = (hsts: string, port = 443) =>
    `https://board.example.org:${port} {\n${hsts}\timport portal\n}\nhttps://studio.board.example.org:${port} {\n${hsts}\timport directus\n}\n`;

  test("acme: redirect, both names with HSTS, and no other name", () => {
    expect(sitesOf({ tls: "acme" })).toBe(REDIRECT + secured(HSTS) + STRANGERS);
  });

  test.each(["internal", "staging"])("%s: the same, and browsers are told nothing for a year", (tls) => {
    expect(sitesOf({ tls })).toBe(REDIRECT + secured("") + STRANGERS);
  });

  test("on other ports the redirect names the port", () => {
    const sites = sitesOf({ tls: "internal", httpPort: 8080, httpsPort: 8443 });
    expect(sites).toContain(
      "http://board.example.org:8080, http://studio.board.example.org:8080 {\n\tredir https://{host}:8443{uri} 308\n}\n",
    );
    expect(sites).toContain(secured("", 8443));
  });

  test("behind a proxy: in the clear, redirected when the proxy says that the client came so", () => {
    const site = (name: string, upstream: string) =>
      `http://${name}:80 {\n\t@plain header X-Forwarded-Proto http\n\tredir @plain https://{host}{uri} 308\n${HSTS}\timport ${upstream}\n}\n`;
    expect(sitesOf({ tls: "behind-proxy" })).toBe(
      site("board.example.org", "portal") + site("studio.board.example.org", "directus") + STRANGERS,
    );
  });
});

describe("published ports", () => {
  const variables = (settings: object) => publishedPorts(configOf(settings)).variables;

  test("are 80 and 443 on every address, or on the one that is named", () => {
    expect(publishedPorts(configOf({ tls: "acme" }))).toEqual({
      composeFiles: ["compose.http.yaml", "compose.https.yaml"],
      variables: { ELK_OS_PUBLISH_HTTP: "80:80", ELK_OS_PUBLISH_HTTPS: "443:443" },
      portKeys: ["httpPort", "httpsPort"],
      address: null,
    });
    expect(variables({ tls: "acme", publicAddress: "192.0.2.7", httpPort: 8080 })).toEqual({
      ELK_OS_PUBLISH_HTTP: "192.0.2.7:8080:8080",
      ELK_OS_PUBLISH_HTTPS: "192.0.2.7:443:443",
    });
    expect(variables({ tls: "acme", publicAddress: "2001:db8::7" })).toMatchObject({
      ELK_OS_PUBLISH_HTTP: "[2001:db8::7]:80:80",
    });
  });

  test("are 80 on loopback alone behind a proxy, until an address is named", () => {
    expect(publishedPorts(configOf({ tls: "behind-proxy" }))).toEqual({
      composeFiles: ["compose.http.yaml"],
      variables: { ELK_OS_PUBLISH_HTTP: "127.0.0.1:80:80" },
      portKeys: ["httpPort"],
      address: "127.0.0.1",
    });
    expect(variables({ tls: "behind-proxy", publicAddress: "10.0.0.4" })).toEqual({
      ELK_OS_PUBLISH_HTTP: "10.0.0.4:80:80",
    });
  });
});
