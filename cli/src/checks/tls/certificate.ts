import type { Config } from "../../config/schema.ts";
import { waitFor } from "../../host/wait.ts";
import { doorOf } from "../../tls/door.ts";
import { peekCertificate, type SeenCertificate } from "../../tls/peek-certificate.ts";
import { type Check, type Finding, fail, pass } from "../check.ts";
import { orReason } from "./or-reason.ts";
import { CERTIFICATE_ELSEWHERE, PROXY_ONLY, TLS_OFF } from "./why-skipped.ts";

/** Part of a certificate's life below which it should have been renewed long ago: Caddy does when a third is left. */
const LEAST_LEFT = 1 / 6;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const INTERNAL = /\bCaddy Local Authority\b/;
const STAGING = /\(STAGING\)/;
const LETS_ENCRYPT = /\bO=Let's Encrypt\b/;

/** A proxy that was just started has its certificate within seconds, when it gets one at all. */
const PATIENCE_MS = 10_000;
const POLL_MS = 250;

/** TLS-01. */
export const certificateValid: Check = {
  id: "TLS-01",
  title: "Each name has a valid certificate of the authority that the settings ask for, and it is renewed in time",
  severity: "error",
  drivers: PROXY_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 30_000,
  async probe({ config }, signal) {
    const door = doorOf(config);
    if (door === null) return TLS_OFF;
    const { httpsPort, host, names } = door;
    if (httpsPort === null) return CERTIFICATE_ELSEWHERE;
    const seen: SeenCertificate[] = [];
    for (const name of names) {
      const peek = () => peekCertificate({ host, httpsPort }, { name, signal });
      const found = await orReason(waitFor(peek, { timeoutMs: PATIENCE_MS, intervalMs: POLL_MS, signal }), signal);
      if (typeof found === "string") return fail(`nobody serves ${name} at ${host}:${httpsPort}: ${found}`);
      if (found === null) return fail(`${name} has no certificate yet`, { expected: "one" });
      seen.push(found);
    }
    return judgeCertificates(seen, config, new Date());
  },
  fix: {
    summary:
      "docker logs of the proxy's container says what the authority said; mostly the name's address is not this machine's, or port 80 does not reach it",
  },
};

/** The first certificate that is wrong, else what all are. */
export function judgeCertificates(seen: readonly SeenCertificate[], config: Config, now: Date): Finding {
  for (const certificate of seen) {
    const problem = problemOf(certificate, now) ?? issuerProblem(certificate, config);
    if (problem !== null) return fail(`${certificate.name}: ${problem}`);
  }
  return pass(
    seen.map(({ name, issuer, to }) => `${name} by ${issuer}, ${span(to.getTime() - now.getTime())} left`).join("; "),
  );
}

function problemOf({ isForName, from, to }: SeenCertificate, now: Date): string | null {
  if (!isForName) return "the certificate is for another name";
  if (now < from) return `the certificate is valid only from ${from.toISOString()} on`;
  const left = to.getTime() - now.getTime();
  if (left <= 0) return `the certificate ended at ${to.toISOString()}`;
  const life = to.getTime() - from.getTime();
  return left / life < LEAST_LEFT ? `only ${span(left)} of ${span(life)} are left: it was not renewed in time` : null;
}

function issuerProblem({ issuer }: SeenCertificate, { tls, acmeCa }: Config): string | null {
  const wanted = (is: boolean, whose: string) =>
    is ? null : `${issuer} signed it, and not ${whose} (ELK_OS_TLS=${tls})`;
  if (tls === "internal") return wanted(INTERNAL.test(issuer), "the proxy's own authority");
  if (tls === "staging") return wanted(STAGING.test(issuer), "Let's Encrypt's authority for trying");
  // Whose an authority of one's own is, its root says: TLS-04.
  if (acmeCa !== undefined) return wanted(!INTERNAL.test(issuer), `the authority at ${acmeCa}`);
  return wanted(LETS_ENCRYPT.test(issuer), "Let's Encrypt");
}

function span(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`;
  return ms >= 2 * HOUR_MS ? `${Math.floor(ms / HOUR_MS)} hours` : `${Math.max(0, Math.floor(ms / 1000))} s`;
}
