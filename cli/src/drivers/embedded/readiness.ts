import pg from "pg";
import { administratorOf } from "../../database/logins.ts";
import { listenersOn } from "../../host/sockets.ts";
import type { ServiceContext, ServiceDef } from "../../services/service-def.ts";
import { DATABASE_NAME } from "../../stack/connections.ts";
import type { SecretStore } from "../../state/secrets.ts";
import { withClient } from "./database-roles.ts";
import { isSigning, probeOwnIdentity, type SigningService } from "./own-identity.ts";

/** `no` may become `yes` by waiting; `never` will not: somebody else answers. */
export type Readiness =
  | { readonly kind: "yes" }
  | { readonly kind: "no"; readonly why: string }
  | { readonly kind: "never"; readonly why: string };

export interface ReadinessInput {
  readonly service: ServiceDef;
  readonly context: ServiceContext;
  readonly secrets: SecretStore;
  /** The recorded process: what answers must be it, because a signed answer can be relayed. */
  readonly pid: number;
  readonly signal: AbortSignal;
}

/** One look: does the recorded process itself hold the port and prove that it is this instance's service? */
export async function probeReadiness(input: ReadinessInput): Promise<Readiness> {
  const { service, context, pid } = input;
  const port = context.config[service.portKey];
  const listeners = listenersOn(port);
  if (listeners.length === 0) return { kind: "no", why: `nothing listens on port ${port} yet` };
  const strangers = listeners.flatMap(({ owners }) => owners).filter((owner) => owner.pid !== pid);
  const stranger = strangers[0];
  if (stranger !== undefined) {
    return {
      kind: "never",
      why: `port ${port} is held by pid ${stranger.pid} (${stranger.exe ?? "unknown executable"})`,
    };
  }
  return isSigning(service) ? probeSigned(service, input) : probePostgres(input);
}

async function probeSigned(service: SigningService, { context, secrets, signal }: ReadinessInput): Promise<Readiness> {
  const { verdict, evidence } = await probeOwnIdentity(service, context, secrets, signal);
  if (verdict === "OK" || verdict === "DEGRADED") return { kind: "yes" };
  // Until its routes are mounted, a starting Directus answers our path with a page of its own.
  return { kind: "no", why: `${verdict}: ${evidence}` };
}

/** SCRAM is mutual: the server proves that it holds the verifier made from our password. */
async function probePostgres({ context, secrets }: ReadinessInput): Promise<Readiness> {
  try {
    const { config } = context;
    const access = { port: config.postgresPort, secrets, administrator: administratorOf(config) };
    await withClient(access, "postgres", DATABASE_NAME, async () => undefined);
    return { kind: "yes" };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // Before the first start there is no board. The server says so only to whom it has let in.
    if (error instanceof pg.DatabaseError && error.code === "3D000") return { kind: "yes" };
    const isRefused = error instanceof pg.DatabaseError && error.code === "28P01";
    return isRefused ? { kind: "never", why: "it does not take the superuser's password" } : { kind: "no", why };
  }
}
