import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { CHORE_IDS, type ChoreId } from "../../../services/chores.ts";
import { SERVICE_IDS, type ServiceId } from "../../../services/service-def.ts";
import { writeFileAtomic } from "../../../state/write-file-atomic.ts";
import { type ChoreRecord, choreRecordSchema } from "./chore-spec.ts";
import { type ChildRecord, childRecordSchema, type SupervisorRecord, supervisorRecordSchema } from "./launch-spec.ts";

const RECORD_MODE = 0o600;

/** The pid records of one state folder. */
export interface Records {
  readonly folder: string;
  readSupervisor(): SupervisorRecord | null;
  writeSupervisor(record: SupervisorRecord): void;
  removeSupervisor(): void;
  readChild(service: ServiceId): ChildRecord | null;
  /** In start order. */
  readChildren(): readonly ChildRecord[];
  writeChild(record: ChildRecord): void;
  removeChild(service: ServiceId): void;
  readChores(): readonly ChoreRecord[];
  writeChore(record: ChoreRecord): void;
  removeChore(id: ChoreId): void;
  /** False when the folder was removed under a running supervisor. */
  exists(): boolean;
}

export function openRecords(runDir: string): Records {
  const supervisor = join(runDir, "supervisor.json");
  const child = (service: ServiceId) => join(runDir, `${service}.json`);
  const chore = (id: ChoreId) => join(runDir, `chore-${id}.json`);
  const write = (path: string, record: unknown) =>
    writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`, RECORD_MODE);
  const readChild = (service: ServiceId) => read(child(service), childRecordSchema);
  return {
    folder: runDir,
    readSupervisor: () => read(supervisor, supervisorRecordSchema),
    writeSupervisor: (record) => write(supervisor, record),
    removeSupervisor: () => rmSync(supervisor, { force: true }),
    readChild,
    readChildren: () =>
      SERVICE_IDS.map(readChild)
        .filter((record) => record !== null)
        .sort((a, b) => a.order - b.order),
    writeChild: (record) => write(child(record.service), record),
    removeChild: (service) => rmSync(child(service), { force: true }),
    readChores: () => CHORE_IDS.map((id) => read(chore(id), choreRecordSchema)).filter((record) => record !== null),
    writeChore: (record) => write(chore(record.id), record),
    removeChore: (id) => rmSync(chore(id), { force: true }),
    exists: () => existsSync(runDir) && readdirSync(runDir).length > 0,
  };
}

/** A damaged record reads as absent: a live process behind it is still found by its port. */
function read<T>(path: string, schema: z.ZodType<T>): T | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
