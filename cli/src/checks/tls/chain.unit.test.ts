import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import type { SeenCertificate } from "../../tls/peek-certificate.ts";
import { judgeChains } from "./chain.ts";

const seen = (name: string, chainProblem: string | null): SeenCertificate => ({
  name,
  isForName: true,
  issuer: "CN=R11",
  from: new Date(0),
  to: new Date(1),
  chainProblem,
});

test("names whose roots the chains lead to, and the name whose chain leads to none", () => {
  const names = [seen("b.example.org", null), seen("studio.b.example.org", null)];
  expect(judgeChains(names, "/etc/ca.pem")).toEqual({
    status: "pass",
    evidence: "b.example.org, studio.b.example.org: /etc/ca.pem",
  });
  const broken = [...names.slice(0, 1), seen("studio.b.example.org", "Error: unable to get local issuer certificate")];
  expectRed(
    "TLS-04",
    judgeChains(broken, "/etc/ca.pem"),
    /^studio\.b\.example\.org: .*local issuer.* with \/etc\/ca\.pem$/,
  );
});
