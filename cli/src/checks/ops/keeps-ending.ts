import { driverStatus } from "../../identity/service-identity.ts";
import { counted } from "../../output/counted.ts";
import { type Check, type Finding, fail, pass } from "../check.ts";
import { containerFacts } from "../compose/containers.ts";

/** So many restarts are no accident. The supervisor's own budget sees only those that come within a minute, and an engine has none at all. */
const MOST_RESTARTS = 10;
const RECENT_MS = 3_600_000;

/** OPS-03. */
export const servicesKeepRunning: Check = {
  id: "OPS-03",
  title: `No service that was started again in the last hour has been so ${MOST_RESTARTS} times`,
  severity: "warning",
  // Who starts it again, and counts: the supervisor, or the engine.
  dependsOn: ["EMB-08", "DOCK-03"],
  timeoutMs: 5_000,
  async probe(stack) {
    const containers = await containerFacts(stack);
    return judgeRestarts(containers.length > 0 ? containers : await driverStatus(stack), new Date());
  },
  fix: { summary: "elk-os logs <service> shows its last words; elk-os down, then elk-os up counts anew" },
};

/** A service may end rarely for a year, and each time be back; one that ends again and again is slow to say so. Pure. */
export function judgeRestarts(
  services: readonly { readonly service: string; readonly restarts: number; readonly startedAt: string | null }[],
  now: Date,
): Finding {
  const isRecent = (at: string | null) => at !== null && now.getTime() - Date.parse(at) < RECENT_MS;
  const ending = services.filter(({ restarts, startedAt }) => restarts >= MOST_RESTARTS && isRecent(startedAt));
  return ending.length === 0
    ? pass(`restarts: ${services.map(({ service, restarts }) => `${service} ${restarts}`).join(", ")}`)
    : fail(
        ending
          .map(
            ({ service, restarts, startedAt }) =>
              `${service} was started again ${counted(restarts, "time")}, last at ${startedAt}`,
          )
          .join("; "),
      );
}
