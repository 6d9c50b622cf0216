import { SERVICE_IDS, type ServiceId } from "../services/service-def.ts";
import type { Phase, Step } from "./phase.ts";

/** Each service's proof is its identity, and that it is watched; what it is good for is proven by later phases and by the doctor. */
const IDENTITY_CHECKS: Readonly<Record<ServiceId, string>> = {
  postgres: "ID-01",
  directus: "ID-02",
  rag: "ID-03",
  portal: "ID-04",
};

/** The Directus runtime is over a thousand packages: 2 minutes on a good line, far more on a poor one. */
const START_TIMEOUT_MS = 45 * 60_000;

function startService(service: ServiceId): Step {
  return {
    id: `up/${service}`,
    title: service,
    timeoutMs: START_TIMEOUT_MS,
    // Starting search again is what brings the copies up to date that it reads.
    proves: [IDENTITY_CHECKS[service], "EMB-08", ...(service === "rag" ? ["RAG-04"] : [])],
    input: ({ driver }) => driver.inputHash(service),
    async run({ driver, config }, progress, signal) {
      const staged = await driver.stage(service, progress, signal);
      const started = await driver.start(service, progress, signal);
      const status = (await driver.status()).find((candidate) => candidate.service === service);
      return {
        changed: (staged ? 1 : 0) + (started ? 1 : 0),
        detail: `127.0.0.1:${config[`${service}Port`]}  pid ${status?.pid ?? "unknown"}`,
      };
    },
  };
}

export const up: Phase = {
  id: "up",
  title: "Install, start and identify every service",
  needs: ["init"],
  steps: SERVICE_IDS.map(startService),
};
