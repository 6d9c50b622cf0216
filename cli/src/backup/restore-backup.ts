import { runMigrations } from "@muster/board/migrate";
import { loadMigrations } from "@muster/board/sql-files";
import type { Checkpoint, Heads } from "@muster/board/trail/checkpoint";
import { takeCheckpoint } from "@muster/board/trail/verify-trail";
import type pg from "pg";
import type { Progress } from "../drivers/driver.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { DATABASE_NAME, MAINTENANCE_DATABASE } from "../stack/connections.ts";
import { asOfNow } from "../trail/open-trail.ts";
import { findDatabase } from "../trail/record-restores.ts";
import type { Backup } from "./backup-folder.ts";
import { runMade, type WithDatabase } from "./database.ts";
import { loadBackup } from "./load-backup.ts";

const INCOMING = "muster_incoming";

export interface RestoreInput {
  readonly backup: Backup;
  readonly withDatabase: WithDatabase;
  /** Of the release that restores. */
  readonly cliVersion: string;
  /** The instance that the board belongs to from now on. */
  readonly instanceId: string;
  /** Incarnation of the live board. */
  readonly replaces: number;
  /** Highest incarnation that the instance ever had; the restored board gets a higher one. */
  readonly highest: number;
  /** Name that the replaced database gets; it is kept, closed. */
  readonly keepAs: string;
  /** Called with the loaded board before the swap, when it has this release's schema: when it throws, the live board stays. */
  readonly admit: (client: pg.Client) => Promise<void>;
  /** Called with what is about to be put in place, before the swap: when it throws, the live board stays. */
  readonly announce: (incoming: Incoming) => void;
}

/** The board beside the live one, ready to take its place. */
export interface Incoming {
  /** All that it holds. */
  readonly board: Checkpoint;
  readonly heads: Heads;
  /** Oid of its database. */
  readonly database: string;
}

/**
 * Loads the backup beside the live board, compares, brings it to this release's schema, and only then swaps the two by name; until the swap the
 * live board is untouched and in use. The restored board is a new incarnation: every token and lease of before is refused. A killed run leaves a
 * database that the next removes.
 */
export async function restoreBackup(input: RestoreInput, progress: Progress, signal: AbortSignal): Promise<void> {
  const { backup, withDatabase, cliVersion, instanceId, highest, keepAs, admit, announce } = input;
  await withDatabase(MAINTENANCE_DATABASE, async (client) => {
    await runMade(client, "database.statement-drop", [INCOMING]);
    await runMade(client, "database.statement-create", [INCOMING]);
  });
  await withDatabase(INCOMING, (client) => loadBackup(client, backup, progress, signal));
  const incoming = await withDatabase(INCOMING, async (client) => {
    // A board of an earlier release may lack the functions that make it a new incarnation and read its trail.
    await runMigrations(client, { files: loadMigrations(), cliVersion });
    await admit(client);
    await client.query(readSql("instance.adopt"), [instanceId, highest]);
    await client.query(readSql("incarnation.bump"), [`restored from backup ${backup.id}`]);
    progress("clearing up, and counting what the planner goes by");
    await client.query(readSql("database.vacuum"));
    const { checkpoint: board, heads } = await asOfNow(client, () => takeCheckpoint(client, new Date(), "everything"));
    return { board, heads, database: await findDatabase(client) };
  });
  signal.throwIfAborted();
  announce(incoming);
  progress("swapping the databases");
  await withDatabase(MAINTENANCE_DATABASE, async (client) => {
    await client.query(readSql("database.close"));
    try {
      await client.query(readSql("database.terminate"));
      await client.query(readSql("transaction.begin"));
      await runMade(client, "database.statement-rename", [DATABASE_NAME, keepAs]);
      await runMade(client, "database.statement-rename", [INCOMING, DATABASE_NAME]);
      await client.query(readSql("transaction.commit"));
    } catch (error) {
      await client.query(readSql("transaction.rollback"));
      await client.query(readSql("database.open"));
      throw error;
    }
  });
  await withDatabase(DATABASE_NAME, (client) => client.query(readSql("role.grants")));
}
