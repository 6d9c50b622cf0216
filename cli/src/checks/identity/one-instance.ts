import { IDENTITY_SERVICES, identifyService } from "../../identity/service-identity.ts";
import { type Check, fail, pass } from "../check.ts";

/** ID-06. */
export const oneInstance: Check = {
  id: "ID-06",
  title: "All services report one instance, one release and one build",
  severity: "error",
  dependsOn: ["ID-02", "ID-03", "ID-04"],
  timeoutMs: 10_000,
  async probe(stack, signal) {
    const answers = await Promise.all(IDENTITY_SERVICES.map((service) => identifyService(stack, service, signal)));
    const releases = new Set(answers.map(({ answer }) => `${answer?.instance} ${answer?.version} ${answer?.build}`));
    return releases.size === 1
      ? pass(`${answers.length} services: ${[...releases][0]}`)
      : fail(answers.map(({ service, answer }) => `${service}: ${answer?.version} ${answer?.build}`).join("; "), {
          verdict: "STALE_VERSION",
        });
  },
  fix: { summary: "elk-os up --only up replaces the services that run another release" },
};
