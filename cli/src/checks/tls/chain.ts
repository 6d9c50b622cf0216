import { join } from "node:path";
import { doorOf } from "../../tls/door.ts";
import { peekCertificate, type SeenCertificate } from "../../tls/peek-certificate.ts";
import { rootsOf } from "../../tls/roots.ts";
import { type Check, type Finding, fail, pass, skip } from "../check.ts";
import { CERTIFICATE_ELSEWHERE, PROXY_ONLY, TLS_OFF } from "./why-skipped.ts";

/** TLS-04. A certificate that is right in itself is no use when what the server sends does not lead to a root. */
export const chainVerified: Check = {
  id: "TLS-04",
  title: "Each name's certificate leads to a root that its users know",
  severity: "error",
  drivers: PROXY_ONLY,
  dependsOn: ["DOCK-03"],
  timeoutMs: 30_000,
  async probe({ config, paths }, signal) {
    const door = doorOf(config);
    if (door === null) return TLS_OFF;
    const { host, httpsPort, names } = door;
    if (httpsPort === null) return CERTIFICATE_ELSEWHERE;
    if (config.tls === "staging")
      return skip("the root of Let's Encrypt's authority for trying is known to nobody, on purpose");
    try {
      const roots = rootsOf(config, join(paths.root, "caddy"));
      const seen: SeenCertificate[] = [];
      for (const name of names) {
        const certificate = await peekCertificate({ host, httpsPort }, { name, roots: roots.certificates, signal });
        if (certificate === null) return fail(`${name} has no certificate yet`);
        seen.push(certificate);
      }
      return judgeChains(seen, roots.of);
    } catch (error) {
      signal.throwIfAborted();
      return fail(error instanceof Error ? error.message : String(error), {
        expected: "a certificate, and roots to check it with",
      });
    }
  },
  fix: {
    summary: "with an authority of your own: ELK_OS_ACME_CA_ROOT must hold its roots; else see TLS-01",
  },
};

/** `whose`: the roots that were looked at. */
export function judgeChains(seen: readonly SeenCertificate[], whose: string): Finding {
  const broken = seen.find(({ chainProblem }) => chainProblem !== null);
  return broken === undefined
    ? pass(`${seen.map(({ name }) => name).join(", ")}: ${whose}`)
    : fail(`${broken.name}: ${broken.chainProblem} with ${whose}`);
}
