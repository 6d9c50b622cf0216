/**
 * Brings a database to this version's schema. Each file is one transaction with its ledger row, so that a crash leaves whole
 * migrations only; an advisory lock lets one run at a time; what the ledger and the files disagree on is refused, never repaired.
 */
import { z } from "zod";
import { BoardError, type BoardErrorCode } from "./errors.ts";
import type { Queryable } from "./queryable.ts";
import { loadQuery, type MigrationFile } from "./sql-files.ts";

export interface MigrationOptions {
  readonly files: readonly MigrationFile[];
  /** Recorded with each applied file. */
  readonly cliVersion: string;
  /** Look only: nothing is created or applied. Default false. */
  readonly dryRun?: boolean;
}

export interface MigrationResult {
  /** Applied by this call, in order; with dryRun what would be. */
  readonly applied: readonly string[];
  /** Files that were applied before. */
  readonly unchanged: number;
}

const LedgerRow = z.object({
  id: z.int(),
  name: z.string(),
  checksum: z.string(),
  applied_at: z.date(),
  cli_version: z.string(),
});
export type LedgerEntry = z.infer<typeof LedgerRow>;

export interface MigrationProblem {
  readonly code: BoardErrorCode;
  readonly message: string;
}

export interface MigrationStatus {
  readonly applied: readonly LedgerEntry[];
  /** Labels ("0003-create-tasks") of files not applied yet. */
  readonly pending: readonly string[];
  /** Why runMigrations would refuse; empty when it would not. */
  readonly problems: readonly MigrationProblem[];
}

/** "0003-create-tasks", as the file is named. */
export function labelOf(migration: Pick<MigrationFile, "id" | "name">): string {
  return `${String(migration.id).padStart(4, "0")}-${migration.name}`;
}

/** Compares files and ledger; reads only, also on a database that has never been migrated. */
export async function migrationStatus(db: Queryable, files: readonly MigrationFile[]): Promise<MigrationStatus> {
  const applied = await readLedger(db);
  const known = new Map(applied.map((entry) => [entry.id, entry]));
  const pending = files.filter((file) => !known.has(file.id)).map(labelOf);
  return { applied, pending, problems: findProblems(files, applied) };
}

/**
 * Applies what is missing. `db` must be one connection of a superuser, not a pool. Idempotent.
 * Throws BoardError MUSTER_MIGRATION_EDITED, _UNKNOWN or _OUT_OF_ORDER before it changes anything, and _FAILED when a file fails:
 * that file is rolled back, earlier ones stay. A file that a deadlock with a reader ended is tried again.
 */
export async function runMigrations(db: Queryable, options: MigrationOptions): Promise<MigrationResult> {
  await db.query(loadQuery("migration.lock"));
  try {
    const applied = await readLedger(db);
    const [problem] = findProblems(options.files, applied);
    if (problem !== undefined) throw new BoardError(problem.code, problem.message);
    const pending = options.files.slice(applied.length);
    const result = { applied: pending.map(labelOf), unchanged: applied.length };
    if (options.dryRun === true || pending.length === 0) return result;
    await db.query(loadQuery("ledger.ensure"));
    for (const file of pending) await applyMigration(db, file, options.cliVersion);
    return result;
  } finally {
    await db.query(loadQuery("migration.unlock"));
  }
}

/** Tries of one file, while somebody reads the tables that it changes: search and portal look at the views as soon as they are there. */
const TRIES = 5;
/** Two sessions wait for each other, and Postgres ended ours: nothing of it was done. https://www.postgresql.org/docs/18/errcodes-appendix.html */
const DEADLOCK = "40P01";

async function applyMigration(db: Queryable, file: MigrationFile, cliVersion: string): Promise<void> {
  for (let left = TRIES - 1; ; left -= 1) {
    try {
      await tryMigration(db, file, cliVersion);
      return;
    } catch (error) {
      const isDeadlock = error instanceof BoardError && Reflect.get(Object(error.cause), "code") === DEADLOCK;
      if (!isDeadlock || left === 0) throw error;
    }
  }
}

async function tryMigration(db: Queryable, file: MigrationFile, cliVersion: string): Promise<void> {
  await db.query(loadQuery(file.asSuperuser ? "migration.begin" : "migration.begin-as-owner"));
  try {
    await db.query(loadQuery("migration.drop-replay"));
    await db.query(file.sql);
    await db.query(loadQuery("migration.reset-role"));
    await db.query(loadQuery("migration.rebuild-replay"));
    await db.query(loadQuery("ledger.record"), [file.id, file.name, file.checksum, cliVersion]);
    await db.query(loadQuery("migration.commit"));
  } catch (error) {
    await db.query(loadQuery("migration.rollback"));
    const because = error instanceof Error ? error.message : String(error);
    throw new BoardError(
      "MUSTER_MIGRATION_FAILED",
      `Migration ${labelOf(file)} failed and was rolled back: ${because}. Earlier migrations stay applied.`,
      { cause: error },
    );
  }
}

async function readLedger(db: Queryable): Promise<readonly LedgerEntry[]> {
  const { rows } = await db.query(loadQuery("ledger.find"));
  const [{ present }] = z.tuple([z.object({ present: z.boolean() })]).parse(rows);
  return present ? z.array(LedgerRow).parse((await db.query(loadQuery("ledger.list"))).rows) : [];
}

/** Pure: ledger against files, worst first. */
export function findProblems(
  files: readonly MigrationFile[],
  applied: readonly LedgerEntry[],
): readonly MigrationProblem[] {
  const problems: MigrationProblem[] = [];
  const byId = new Map(files.map((file) => [file.id, file]));
  for (const entry of applied) {
    const file = byId.get(entry.id);
    if (file === undefined) {
      problems.push({
        code: "MUSTER_MIGRATION_UNKNOWN",
        message: `The database has migration ${labelOf(entry)}, applied by version ${entry.cli_version}, which this version does not know. Run that version or a newer one.`,
      });
    } else if (file.checksum !== entry.checksum || file.name !== entry.name) {
      problems.push({
        code: "MUSTER_MIGRATION_EDITED",
        message: `Migration ${labelOf(entry)} was changed after it was applied. Restore the file and put the change into a new migration.`,
      });
    }
  }
  const newest = applied.at(-1)?.id ?? 0;
  const appliedIds = new Set(applied.map((entry) => entry.id));
  for (const [index, file] of files.entries()) {
    const isAscending = file.id > (files[index - 1]?.id ?? 0);
    if (!isAscending || (file.id < newest && !appliedIds.has(file.id))) {
      problems.push({
        code: "MUSTER_MIGRATION_OUT_OF_ORDER",
        message: `Migration ${labelOf(file)} comes before one that is already applied or listed. Give it the next free number.`,
      });
    }
  }
  return problems;
}
