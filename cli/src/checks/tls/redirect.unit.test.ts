import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { configSchema } from "../../config/schema.ts";
import { judgeRedirects } from "./redirect.ts";

const config = configSchema.parse({
  stateDir: "/s",
  cacheDir: "/c",
  instance: "i",
  tls: "acme",
  domain: "b.example.org",
});
const TARGET = "https://b.example.org/doctor?redirect=1";

const judge = (status: number, location: string | null, settings: object = {}) =>
  judgeRedirects(new Map([["b.example.org", { status, location, hsts: null }]]), { ...config, ...settings });

test("a redirect to the same address with TLS is green", () => {
  expect(judge(308, TARGET)).toEqual({
    status: "pass",
    evidence: "http://b.example.org: 308 to https://b.example.org",
  });
  expect(judge(308, TARGET.replace("org/", "org:8443/"), { httpsPort: 8443 }).status).toBe("pass");
});

test.each([
  [200, null],
  [404, null],
  [301, TARGET],
  [308, "https://b.example.org/"],
  [308, "http://b.example.org/doctor?redirect=1"],
  [308, "https://elsewhere.example.org/doctor?redirect=1"],
])("%i to %s is red", (status, location) => {
  expectRed("TLS-02", judge(status, location), /^http:\/\/b\.example\.org answered \d+/);
});
