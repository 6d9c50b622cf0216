import type { BoardStanding, UpgradeRecord } from "./record.ts";

/** Everything that putting the data back does to the world, one act each, as in run-upgrade.ts. */
export interface RollbackActs {
  save(record: UpgradeRecord): void;
  startDatabase(): Promise<void>;
  standing(): Promise<BoardStanding>;
  countEventsAfter(event: string): Promise<number>;
  hasDatabase(name: string): Promise<boolean>;
  /** Leaves the database alone running, so that nobody writes. */
  stopWriters(): Promise<void>;
  /**
   * Loads the backup beside the board, compares, swaps the two and has the log tell of it; the replaced one is kept under that name, closed. Answers
   * why the log does not tell, null when it does.
   */
  restore(backup: string, keepAs: string): Promise<string | null>;
  /** Has the log tell of a restore that died after its swap; answers as `restore` does. */
  tellLog(): Promise<string | null>;
  /** A name that no database has yet. */
  nameToKeep(): string;
}

export interface DataRollback {
  /** False when the newer release had not changed the schema: the board then stays as it is, with all that was written since. */
  readonly restored: boolean;
  /** Events since the backup; they are in the database that was kept, and in no other place. */
  readonly lostEvents: number;
  /** Name of the replaced database, closed. */
  readonly kept: string | null;
  /** Why the log does not tell of the restore; null when it does, or there was none. */
  readonly untold: string | null;
}

const UNTOUCHED: DataRollback = { restored: false, lostEvents: 0, kept: null, untold: null };

/** What putting the data back would lose now. Changes nothing. */
export async function inspectData(
  { before }: UpgradeRecord,
  acts: Pick<RollbackActs, "standing" | "countEventsAfter">,
): Promise<Pick<DataRollback, "restored" | "lostEvents">> {
  if (before === null) return UNTOUCHED;
  const now = await acts.standing();
  if (now.migration === before.migration && now.directus === before.directus) return UNTOUCHED;
  return { restored: true, lostEvents: await acts.countEventsAfter(before.event) };
}

/**
 * Puts the board of before the upgrade back when the newer release changed the schema. The release of before runs this, with its own code
 * checked out. The board is a new incarnation then. May be run again wherever it was killed: the swap is one transaction, and the name that the
 * replaced database gets is on disk before it.
 */
export async function rollBackData(record: UpgradeRecord, acts: RollbackActs): Promise<DataRollback> {
  // The newer release may have failed before Postgres ran, or left it stopped.
  await acts.startDatabase();
  if (record.undo !== null && (await acts.hasDatabase(record.undo.kept))) {
    await acts.stopWriters();
    return { restored: true, ...record.undo, untold: await acts.tellLog() };
  }
  if (record.backup === null || !(await inspectData(record, acts)).restored) return UNTOUCHED;
  await acts.stopWriters();
  const { lostEvents } = await inspectData(record, acts);
  const undo = { kept: record.undo?.kept ?? acts.nameToKeep(), lostEvents };
  acts.save({ ...record, undo });
  return { restored: true, ...undo, untold: await acts.restore(record.backup, undo.kept) };
}
