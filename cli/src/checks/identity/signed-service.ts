import type { IdentityService } from "@muster/board/identity";
import { identifyService } from "../../identity/service-identity.ts";
import { type Check, type CheckId, fail, pass } from "../check.ts";

/**
 * ID-02 to ID-04: the service signs our nonce, and the recorded process owns the socket. A service that says it is
 * degraded is still itself; what it lacks is judged by the checks of its plane.
 */
export function signedService(id: CheckId, service: IdentityService): Check {
  return {
    id,
    title: `${service} is ours: it signs a fresh nonce, and the recorded process owns the port`,
    severity: "error",
    dependsOn: ["CONF-01"],
    timeoutMs: 10_000,
    async probe(stack, signal) {
      const identity = await identifyService(stack, service, signal);
      const degraded = identity.reasons.length === 0 ? "" : `, says degraded: ${identity.reasons.join(", ")}`;
      if (identity.answer !== null && (identity.verdict === "OK" || identity.verdict === "DEGRADED")) {
        return pass(
          `${service} ${identity.answer.version} on 127.0.0.1:${identity.port}: nonce signed, pid ${identity.recordedPid}${degraded}`,
        );
      }
      return fail(`${service} on 127.0.0.1:${identity.port}: ${identity.evidence}`, { verdict: identity.verdict });
    },
    fix: {
      summary: `IMPOSTOR or ZOMBIE: stop what holds the port, then elk-os up; STALE_VERSION: elk-os up; UNREACHABLE: elk-os logs ${service} says why, then elk-os down and elk-os up`,
    },
  };
}
