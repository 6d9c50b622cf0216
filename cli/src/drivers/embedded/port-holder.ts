import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, nameProcess, type ProcessInfo, type ProcessName } from "../../host/process-table.ts";
import { type Listener, listenersOn } from "../../host/sockets.ts";
import { POSTGRES_DATA } from "../../services/postgres.ts";
import type { ServiceContext, ServiceDef } from "../../services/service-def.ts";
import type { SecretStore } from "../../state/secrets.ts";
import { isSigning, probeOwnIdentity, type SigningService } from "./own-identity.ts";
import type { ChildRecord } from "./supervisor/launch-spec.ts";

export type HolderVerdict = "OURS" | "ORPHAN" | "WRONG_INSTANCE" | "IMPOSTOR";

export interface PortHolder {
  /**
   * OURS: the recorded process. ORPHAN: this instance's service (it proves it) without a record.
   * WRONG_INSTANCE: another Muster. IMPOSTOR: anything else.
   */
  readonly verdict: HolderVerdict;
  /** Null when the holder belongs to a user whose processes we may not read. */
  readonly process: ProcessInfo | null;
  readonly uid: number;
  readonly address: string;
  readonly why: string;
}

/** Who holds the service's port now; null when nobody does. Looks and asks; changes nothing. */
export async function findPortHolder(input: {
  readonly service: ServiceDef;
  readonly context: ServiceContext;
  readonly record: ChildRecord | null;
  readonly secrets: SecretStore;
  readonly signal: AbortSignal;
}): Promise<PortHolder | null> {
  const { service, context, record } = input;
  const listeners = listenersOn(context.config[service.portKey]);
  const listener = listeners.find(({ owners }) => !owners.some((owner) => isRecorded(owner, record))) ?? listeners[0];
  if (listener === undefined) return null;
  const process = listener.owners[0] ?? null;
  const holder = (verdict: HolderVerdict, why: string): PortHolder => ({
    verdict,
    process,
    uid: listener.uid,
    address: listener.address,
    why,
  });
  if (process !== null && isRecorded(process, record)) return holder("OURS", "it is the recorded process");
  if (isSigning(service)) return judgeByIdentity(service, input, holder);
  return service.readiness.kind === "postgres" && service.readiness.mark === "command-line"
    ? judgeCommandLine(service, context, listener, holder)
    : judgePostgres(context, listener, holder);
}

function isRecorded(owner: ProcessInfo, record: ChildRecord | null): boolean {
  return record?.process?.pid === owner.pid && isAlive(record.process);
}

type Judge = (verdict: HolderVerdict, why: string) => PortHolder;

async function judgeByIdentity(
  service: SigningService,
  { context, secrets, signal }: Parameters<typeof findPortHolder>[0],
  holder: Judge,
): Promise<PortHolder> {
  const { verdict, evidence } = await probeOwnIdentity(service, context, secrets, signal);
  if (verdict === "WRONG_INSTANCE" || verdict === "IMPOSTOR") return holder(verdict, evidence);
  if (verdict === "UNREACHABLE") return holder("IMPOSTOR", `it gives the identity question ${evidence}`);
  return holder("ORPHAN", "it proves this instance's identity, but no record names it");
}

/** Our postmaster writes its pid into our data folder, which only the service user can do. */
function judgePostgres(context: ServiceContext, listener: Listener, holder: Judge): PortHolder {
  const owner = listener.owners[0];
  const pid = readPostmasterPid(join(context.places.data, POSTGRES_DATA));
  return owner !== undefined && owner.pid === pid && owner.argv.includes(join(context.places.data, POSTGRES_DATA))
    ? holder("ORPHAN", "it serves this instance's data folder, but no record names it")
    : holder("IMPOSTOR", "it is not the Postgres of this instance's data folder");
}

/** The command line names a file in a folder that only we may write. */
function judgeCommandLine(service: ServiceDef, context: ServiceContext, listener: Listener, holder: Judge): PortHolder {
  const argv = service.argv(context);
  return listener.owners[0]?.argv.join("\0") === argv.join("\0")
    ? holder("ORPHAN", "it runs this instance's very command, but no record names it")
    : holder("IMPOSTOR", `it is not this instance's ${service.title}`);
}

function readPostmasterPid(dataDir: string): number | null {
  try {
    return Number(readFileSync(join(dataDir, "postmaster.pid"), "utf8").split("\n")[0]);
  } catch {
    // No Postgres runs on the folder, or there is no folder.
    return null;
  }
}

/** The lasting name of an orphan, which proved that it is ours, so that it may be ended. */
export function nameOrphan(holder: PortHolder | null): ProcessName | null {
  return holder?.verdict === "ORPHAN" && holder.process !== null ? nameProcess(holder.process.pid) : null;
}
