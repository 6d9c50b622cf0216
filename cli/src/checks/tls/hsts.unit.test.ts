import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { judgeHsts } from "./hsts.ts";

const judge = (tls: "internal" | "staging" | "acme" | "behind-proxy", hsts: string | null) =>
  judgeHsts(
    new Map([
      ["b.example.org", hsts],
      ["studio.b.example.org", hsts],
    ]),
    { tls },
  );

test.each(["acme", "behind-proxy"] as const)("with %s both names say it for half a year or more", (tls) => {
  expect(judge(tls, "max-age=31536000; includeSubDomains")).toMatchObject({ status: "pass" });
  expectRed("TLS-03", judge(tls, null), /^b\.example\.org tells browsers nothing$/);
  expectRed("TLS-03", judge(tls, "max-age=0"), /tells browsers "max-age=0"$/);
  expectRed("TLS-03", judge(tls, "includeSubDomains"), /tells browsers "includeSubDomains"$/);
});

test.each(["internal", "staging"] as const)("with %s neither does", (tls) => {
  expect(judge(tls, null)).toMatchObject({ status: "pass", evidence: expect.stringContaining(`not sent with ${tls}`) });
  expectRed("TLS-03", judge(tls, "max-age=31536000"), /its certificate is one that they do not believe/);
});
