import { IDENTITY_SERVICES, identifyService, type ServiceIdentity } from "../../identity/service-identity.ts";
import { counted } from "../../output/counted.ts";
import { type Check, type Finding, fail, pass } from "../check.ts";

/** ID-06. Each answer was compared with what it should be; here they are compared with each other. */
export const oneInstance: Check = {
  id: "ID-06",
  title: "All services report one instance, one release and one build",
  severity: "error",
  dependsOn: ["ID-02", "ID-03", "ID-04"],
  timeoutMs: 10_000,
  probe: async (stack, signal) =>
    judgeReleases(await Promise.all(IDENTITY_SERVICES.map((service) => identifyService(stack, service, signal)))),
  fix: { summary: "elk-os up --only up replaces the services that run another release" },
};

/** A service without a proven answer reports nothing, which is no release either. */
export function judgeReleases(identities: readonly Pick<ServiceIdentity, "service" | "answer">[]): Finding {
  const releases = new Set(identities.map(({ answer }) => `${answer?.instance} ${answer?.version} ${answer?.build}`));
  const isProven = identities.length > 0 && identities.every(({ answer }) => answer !== null);
  return isProven && releases.size === 1
    ? pass(`${counted(identities.length, "service")}: ${[...releases][0]}`)
    : fail(
        identities
          .map(({ service, answer }) =>
            answer === null
              ? `${service}: nothing`
              : `${service}: ${answer.instance} ${answer.version} ${answer.build}`,
          )
          .join("; "),
        { verdict: "STALE_VERSION" },
      );
}
