import { describe, expect, test } from "vitest";
import { type ConfigKey, configSchema } from "./schema.ts";
import { findTlsProblem, namesOf } from "./tls-rules.ts";

type Settings = Partial<Record<ConfigKey, string | number | boolean>>;

const SOUND = { driver: "compose", tls: "acme", domain: "board.example.org", portalPublic: "true" } as const;

const configOf = (settings: Settings) =>
  configSchema.parse({ stateDir: "/state", cacheDir: "/cache", instance: "demo", ...settings });

/** An empty value unsets the key, as everywhere. */
function problem(change: Settings) {
  const settings: Settings = Object.fromEntries(
    Object.entries({ ...SOUND, ...change }).filter(([, value]) => value !== ""),
  );
  return findTlsProblem(configOf(settings), (key) => key in settings);
}

describe("names", () => {
  test("are the portal's, and studio. below it or another one", () => {
    expect(namesOf(configOf(SOUND))).toEqual({ portal: "board.example.org", studio: "studio.board.example.org" });
    expect(namesOf(configOf({ ...SOUND, studioDomain: "desk.example.org" }))?.studio).toBe("desk.example.org");
  });

  test("are none with TLS off, so that a domain may stay set", () => {
    expect(namesOf(configOf({ ...SOUND, tls: "off" }))).toBeNull();
    expect(problem({ tls: "off", domain: "10-0-0-1.nip.io", driver: "embedded" })).toBeNull();
  });
});

describe("settings of TLS that hold together", () => {
  test.each<[string, Settings]>([
    ["a name of one's own by ACME", {}],
    ["the same, to try", { tls: "staging" }],
    ["a name inside, of an authority of one's own", { domain: "board.internal", acmeCa: "https://ca.internal/acme" }],
    ["with its roots", { domain: "board.test", acmeCa: "https://ca.test/dir", acmeCaRoot: "/etc/ca.pem" }],
    ["any name with an authority that is the proxy's", { tls: "internal", domain: "board.localhost" }],
    ["a shared name where nobody is asked for it", { tls: "internal", domain: "10-0-0-1.nip.io" }],
    ["a proxy before ours", { tls: "behind-proxy", trustedProxies: "10.0.0.7, 192.0.2.0/24, fd00::/8" }],
    ["processes behind a proxy of the operator's", { tls: "behind-proxy", driver: "embedded" }],
    ["readers who may see all", { portalPublic: "false" }],
  ])("%s", (_what, change) => {
    expect(problem(change)).toBeNull();
  });
});

describe("settings of TLS that do not", () => {
  test.each<[string, Settings, ConfigKey, RegExp]>([
    ["processes, which have no proxy", { driver: "embedded" }, "tls", /the driver is embedded/],
    ["what auto takes", { driver: "auto" }, "tls", /the driver is auto/],
    ["a certificate for no name", { tls: "behind-proxy", domain: "" }, "tls", /ELK_OS_DOMAIN is unset/],
    ["one name for two", { studioDomain: "board.example.org" }, "studioDomain", /the portal has that name/],
    ["an address", { domain: "192.0.2.7" }, "domain", /it is an address/],
    ["an address inside", { tls: "internal", domain: "10.0.0.7" }, "domain", /it is an address/],
    ["localhost", { domain: "localhost", studioDomain: "s.example.org" }, "domain", /every machine itself/],
    ["a name of one word", { domain: "board" }, "domain", /one word/],
    ["a name that nobody may certify", { domain: "board.local" }, "domain", /names in \.local/],
    ["the same for the Studio", { studioDomain: "desk.home.arpa" }, "studioDomain", /names in \.home\.arpa/],
    ["a shared name", { domain: "10-0-0-1.nip.io" }, "domain", /everybody shares the names of nip\.io/],
    ["a shared name, to try", { tls: "staging", domain: "10-0-0-1.sslip.io" }, "domain", /sslip\.io/],
    ["the shared service itself", { domain: "traefik.me" }, "domain", /traefik\.me/],
    ["a shared name of the Studio", { studioDomain: "a.localtest.me" }, "studioDomain", /localtest\.me/],
    ["a shared name of one's own authority", { domain: "a.xip.io", acmeCa: "https://ca.test/d" }, "domain", /xip\.io/],
    ["another authority to try", { tls: "staging", acmeCa: "https://ca.test/d" }, "acmeCa", /Let's Encrypt's own/],
    ["roots of no authority", { acmeCaRoot: "/etc/ca.pem" }, "acmeCaRoot", /ELK_OS_ACME_CA is unset/],
    ["a proxy that keeps the authority away", { trustedProxies: "10.0.0.7" }, "trustedProxies", /does not reach ours/],
    ["a port that another one has", { httpPort: 3000 }, "httpPort", /has that port/],
    ["readers of whom nothing is said", { portalPublic: "" }, "portalPublic", /everybody who reaches the name/],
    ["one port for both", { httpPort: 443 }, "httpPort", /has that port/],
  ])("%s", (_what, change, key, why) => {
    const found = problem(change);
    expect(found).toMatchObject({ key, why: expect.stringMatching(why) });
    expect(found?.hint).toMatch(/\.$/);
  });

  test.each(["10.0.0.0/33", "10.0.0/8", "10.0.0.0/8/8", "fd00::/129", "1.2.3.4/"])(
    "%s as a proxy",
    (trustedProxies) => {
      const found = problem({ tls: "behind-proxy", trustedProxies });
      expect(found).toMatchObject({
        key: "trustedProxies",
        why: expect.stringContaining("neither an address nor a network"),
      });
    },
  );
});

test.each([
  "https://board.example.org",
  "board.example.org:443",
  "Board.example.org",
  "*.example.org",
  "a_b.example.org",
  "-a.example.org",
  "a..b",
  "a {\n}",
])("refuses %j as a name", (domain) => {
  expect(configSchema.safeParse({ ...SOUND, stateDir: "/s", cacheDir: "/c", instance: "i", domain }).success).toBe(
    false,
  );
});

test.each(["http://ca.example.org/dir", "https://ca.example.org/{env.HOME}", "https://ca.example.org/a b", "ca"])(
  "refuses %j as an authority",
  (acmeCa) => {
    expect(configSchema.safeParse({ ...SOUND, stateDir: "/s", cacheDir: "/c", instance: "i", acmeCa }).success).toBe(
      false,
    );
  },
);
