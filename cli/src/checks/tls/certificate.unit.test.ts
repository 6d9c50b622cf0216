import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { configSchema } from "../../config/schema.ts";
import type { SeenCertificate } from "../../tls/peek-certificate.ts";
import { judgeCertificates } from "./certificate.ts";

const NOW = new Date("2026-11-30T12:00:00.000Z");
const days = (count: number) => new Date(NOW.getTime() + count * 86_400_000);
const INTERNAL = "CN=Caddy Local Authority - ECC Intermediate";

const sound: SeenCertificate = {
  name: "board.example.org",
  isForName: true,
  issuer: "CN=R11, O=Let's Encrypt, C=US",
  from: days(-30),
  to: days(60),
  chainProblem: null,
};

function judge(change: Partial<SeenCertificate> = {}, settings: object = { tls: "acme" }) {
  const config = configSchema.parse({ stateDir: "/s", cacheDir: "/c", instance: "i", ...settings });
  return judgeCertificates([sound, { ...sound, name: "studio.board.example.org", ...change }], config, NOW);
}

test("says of each name who signed and how long it lasts", () => {
  expect(judge({ to: new Date(NOW.getTime() + 30 * 3_600_000), from: days(-1) })).toEqual({
    status: "pass",
    evidence:
      "board.example.org by CN=R11, O=Let's Encrypt, C=US, 60 days left; studio.board.example.org by CN=R11, O=Let's Encrypt, C=US, 30 hours left",
  });
});

test("is red for another name, before its time and after it, of either name", () => {
  expectRed(
    "TLS-01",
    judge({ isForName: false }),
    /^studio\.board\.example\.org: the certificate is for another name$/,
  );
  expectRed("TLS-01", judge({ from: days(1) }), /valid only from 2026-12-01T12:00:00\.000Z/);
  expectRed("TLS-01", judge({ to: days(0) }), /ended at 2026-11-30T12:00:00\.000Z/);
});

test("is red when less than a sixth of its life is left, however long that is", () => {
  expect(judge({ from: days(-74), to: days(16) }).status).toBe("pass");
  expectRed("TLS-01", judge({ from: days(-76), to: days(14) }), /only 14 days of 90 days are left/);
  const seconds = (count: number) => new Date(NOW.getTime() + count * 1000);
  expect(judge({ from: seconds(-20), to: seconds(10) }).status).toBe("pass");
  expectRed("TLS-01", judge({ from: seconds(-26), to: seconds(4) }), /only 4 s of 30 s are left/);
});

test.each([
  ["acme", {}, INTERNAL],
  ["acme", {}, "CN=(STAGING) Riddling Rhubarb R12, O=(STAGING) Let's Encrypt, C=US"],
  ["acme", { acmeCa: "https://ca.test/dir" }, INTERNAL],
  ["staging", {}, sound.issuer],
  ["internal", {}, sound.issuer],
])("is red with %s %o when %s signed", (tls, more, issuer) => {
  const config = configSchema.parse({ stateDir: "/s", cacheDir: "/c", instance: "i", tls, ...more });
  expectRed("TLS-01", judgeCertificates([{ ...sound, issuer }], config, NOW), /signed it, and not .+ \(ELK_OS_TLS=/);
});

test.each([
  ["acme", { acmeCa: "https://ca.test/dir" }, "CN=Pebble Intermediate CA 3c5b2e"],
  ["staging", {}, "CN=(STAGING) Riddling Rhubarb R12, O=(STAGING) Let's Encrypt, C=US"],
  ["internal", {}, INTERNAL],
])("is green with %s %o when %s signed", (tls, more, issuer) => {
  const config = configSchema.parse({ stateDir: "/s", cacheDir: "/c", instance: "i", tls, ...more });
  expect(judgeCertificates([{ ...sound, issuer }], config, NOW).status).toBe("pass");
});
