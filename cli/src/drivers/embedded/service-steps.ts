import { basename } from "node:path";
import type { Identity } from "../../host/run.ts";
import type { ServiceContext, ServiceId } from "../../services/service-def.ts";
import type { SecretStore } from "../../state/secrets.ts";
import type { Progress } from "../driver.ts";
import { ensureDatabaseRoles } from "./database-roles.ts";
import { bootstrapProcess, ensureDirectusInstalled } from "./directus-install.ts";
import { ensureCluster } from "./postgres-cluster.ts";

export interface StepInput {
  readonly context: ServiceContext;
  readonly secrets: SecretStore;
  /** Whom the service runs as; null: the user who runs elk-os. */
  readonly owner: Identity | null;
}

export interface ServiceSteps {
  /** Before the process starts; skipped while it runs. True when something was made. */
  readonly install?: (input: StepInput, progress: Progress, signal: AbortSignal) => Promise<boolean>;
  /** Each time the service has proven itself; must do nothing when nothing is missing. True when something was made. */
  readonly complete?: (input: StepInput) => Promise<boolean>;
}

/** What a service needs besides its process when the embedded driver runs it. */
export const SERVICE_STEPS: Readonly<Record<ServiceId, ServiceSteps>> = {
  postgres: {
    install: ensureCluster,
    complete: ({ context, secrets }) => ensureDatabaseRoles({ port: context.config.postgresPort, secrets }),
  },
  directus: {
    install(input, progress, signal) {
      const { context, secrets } = input;
      const directus = {
        access: { port: context.config.postgresPort, secrets },
        adminEmail: context.config.adminEmail,
        runtime: basename(context.staged("directus-runtime")),
        data: context.places.data,
        bootstrap: (aborted: AbortSignal) => bootstrapProcess(input, aborted),
      };
      return ensureDirectusInstalled(directus, progress, signal);
    },
  },
  rag: {},
  portal: {},
};
