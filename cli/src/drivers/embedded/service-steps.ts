import { basename } from "node:path";
import { administratorOf } from "../../database/logins.ts";
import type { Identity } from "../../host/run.ts";
import { directus } from "../../services/directus.ts";
import { postgres } from "../../services/postgres.ts";
import { postgresDoor } from "../../services/postgres-door.ts";
import type { ServiceContext, ServiceDef } from "../../services/service-def.ts";
import type { SecretStore } from "../../state/secrets.ts";
import type { Progress } from "../driver.ts";
import { type DatabaseAccess, ensureDatabaseRoles } from "./database-roles.ts";
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

const complete: ServiceSteps["complete"] = (input) => ensureDatabaseRoles(accessOf(input));

/** What a service needs besides its process when the embedded driver runs it; one that is not here needs nothing. */
export const SERVICE_STEPS: ReadonlyMap<ServiceDef, ServiceSteps> = new Map([
  [postgres, { install: ensureCluster, complete }],
  [postgresDoor, { complete }],
  [
    directus,
    {
      install(input: StepInput, progress: Progress, signal: AbortSignal) {
        const { context } = input;
        const wanted = {
          access: accessOf(input),
          adminEmail: context.config.adminEmail,
          runtime: basename(context.staged("directus-runtime")),
          data: context.places.data,
          bootstrap: (aborted: AbortSignal) => bootstrapProcess(input, aborted),
        };
        return ensureDirectusInstalled(wanted, progress, signal);
      },
    },
  ],
]);

function accessOf({ context, secrets }: StepInput): DatabaseAccess {
  const { config } = context;
  return { port: config.postgresPort, secrets, administrator: administratorOf(config) };
}
