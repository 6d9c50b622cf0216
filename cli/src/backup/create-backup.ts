import { createHash } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { z } from "zod";
import type { Progress } from "../drivers/driver.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { CliError } from "../errors/cli-error.ts";
import { DATABASE_NAME } from "../stack/connections.ts";
import { syncFolder, writeFileAtomic } from "../state/write-file-atomic.ts";
import { type Backup, backupId, getBackup, MANIFEST, TEMPORARY } from "./backup-folder.ts";
import { prepareSession, readColumn, readSequences, readTables, type TableRow, type WithDatabase } from "./database.ts";
import type { BackupTable, Manifest } from "./manifest.ts";

export interface CreateInput {
  /** Folder of all backups. */
  readonly folder: string;
  readonly withDatabase: WithDatabase;
  readonly cliVersion: string;
  readonly build: string;
  readonly now: Date;
}

const boardRow = z.object({
  server_version: z.string(),
  instance_id: z.uuid(),
  incarnation: z.int(),
  below_xid: z.string(),
});
const ledgerRow = z.object({ id: z.int(), name: z.string(), checksum: z.string() });

/**
 * Saves the whole board as of one moment, while it is in use. Secrets and the files of memory/ and log/ are not part of it. A run that
 * is killed leaves a folder under a temporary name, which the next run removes.
 * @throws CliError BACKUP_INVALID when the database holds what a backup could not make again
 */
export async function createBackup(input: CreateInput, progress: Progress, signal: AbortSignal): Promise<Backup> {
  const id = freeId(input.folder, input.now);
  const temporary = join(input.folder, `${TEMPORARY}${id}`);
  mkdirSync(input.folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(input.folder).filter((entry) => entry.startsWith(TEMPORARY))) {
    rmSync(join(input.folder, name), { recursive: true, force: true });
  }
  try {
    mkdirSync(join(temporary, "tables"), { recursive: true, mode: 0o700 });
    const manifest = await input.withDatabase(DATABASE_NAME, (client) =>
      readBoard(client, { ...input, id, temporary }, progress, signal),
    );
    writeFileAtomic(join(temporary, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`, 0o600);
    renameSync(temporary, join(input.folder, id));
  } catch (error) {
    // On a full disk the half backup would keep the room that is missing.
    rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  syncFolder(input.folder);
  return getBackup(input.folder, id);
}

/** The name of the next second where this one's is taken: who tries again at once is not told to wait, and the order stays. */
function freeId(folder: string, now: Date): string {
  for (let ms = now.getTime(); ; ms += 1000) {
    const id = backupId(new Date(ms));
    if (!existsSync(join(folder, id))) return id;
  }
}

async function readBoard(
  client: pg.Client,
  { id, temporary, cliVersion, build, now }: CreateInput & { readonly id: string; readonly temporary: string },
  progress: Progress,
  signal: AbortSignal,
): Promise<Manifest> {
  await prepareSession(client);
  await client.query(readSql("backup.snapshot"));
  const foreign = await readColumn(client, "backup.foreign-objects", "name");
  if (foreign.length > 0) {
    throw new CliError("BACKUP_INVALID", {
      message: `The database holds what a backup could not make again: ${foreign.join("; ")}.`,
      hint: "Drop it, or move it into a database of its own; then run the command again.",
    });
  }
  const board = boardRow.parse((await client.query(readSql("backup.facts"))).rows[0]);
  const found = await readTables(client);
  const tables: BackupTable[] = [];
  for (const [index, table] of found.entries()) {
    signal.throwIfAborted();
    progress(`${index + 1} of ${found.length} tables, ${table.name}`);
    tables.push(await saveTable(client, table, temporary, `tables/${String(index + 1).padStart(3, "0")}.copy.gz`));
  }
  const manifest: Manifest = {
    schema: "muster.backup/1",
    id,
    createdAt: now.toISOString(),
    instanceId: board.instance_id,
    incarnation: board.incarnation,
    belowXid: board.below_xid,
    cliVersion,
    build,
    serverVersion: board.server_version,
    ledger: z.array(ledgerRow).parse((await client.query(readSql("backup.ledger"))).rows),
    ownTables: [...(await readColumn(client, "backup.own-tables", "statement"))],
    tables,
    sequences: [...(await readSequences(client))],
    catalog: [...(await readColumn(client, "backup.catalog", "line"))],
  };
  await client.query(readSql("transaction.commit"));
  return manifest;
}

async function saveTable(client: pg.Client, table: TableRow, folder: string, file: string): Promise<BackupTable> {
  const hash = createHash("sha256");
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const path = join(folder, file);
  const output = createWriteStream(path, { mode: 0o600, flags: "wx", flush: true });
  await pipeline(client.query(copyTo(table.copy_out)), createGzip(), measure, output);
  const { name, rows, content, copy_in: copyIn } = table;
  return { name, rows, content, copyIn, file, sha256: hash.digest("hex"), bytes };
}
