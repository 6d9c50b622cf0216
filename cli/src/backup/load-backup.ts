import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { runMigrations } from "@muster/board/migrate";
import { loadMigrations } from "@muster/board/sql-files";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { Progress } from "../drivers/driver.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { CliError } from "../errors/cli-error.ts";
import type { Backup } from "./backup-folder.ts";
import { compareFacts } from "./compare-facts.ts";
import { prepareSession, readFacts } from "./database.ts";
import type { BackupTable, Manifest } from "./manifest.ts";

const SHOWN_DIFFERENCES = 5;

/**
 * Makes an empty database what the backup says, and proves it: every table by count and content, every object by its definition.
 * The roles must exist. @throws CliError BACKUP_INVALID with what differs; the database is then of no use
 */
export async function loadBackup(
  client: pg.Client,
  backup: Backup,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { manifest, folder } = backup;
  await assertFilesWhole(backup);
  const files = migrationsOf(manifest);
  progress("making the tables");
  await client.query(readSql("role.grants"));
  await client.query(readSql("backup.as-directus"));
  for (const statement of manifest.ownTables) await client.query(statement);
  await client.query(readSql("backup.as-superuser"));
  await runMigrations(client, { files, cliVersion: manifest.cliVersion });
  await prepareSession(client);
  await client.query(readSql("transaction.begin"));
  await client.query(readSql("backup.load-begin"));
  await client.query(readSql("backup.clear"));
  for (const [index, table] of manifest.tables.entries()) {
    signal.throwIfAborted();
    progress(`loading ${index + 1} of ${manifest.tables.length} tables, ${table.name}`);
    await loadTable(client, folder, table);
  }
  for (const { name, lastValue } of manifest.sequences) {
    await client.query(readSql("backup.set-sequence"), [name, lastValue]);
  }
  await client.query(readSql("backup.load-end"));
  await client.query(readSql("transaction.commit"));
  progress("comparing");
  const differences = compareFacts(manifest, await readFacts(client));
  if (differences.length > 0) throw invalid(backup, differences);
}

async function loadTable(client: pg.Client, folder: string, { copyIn, file }: BackupTable): Promise<void> {
  await pipeline(createReadStream(join(folder, file)), createGunzip(), client.query(copyFrom(copyIn)));
}

/** A flipped byte in a gzip stream may load as other rows: files are compared by their hash before anything is made of them. */
async function assertFilesWhole(backup: Backup): Promise<void> {
  for (const { file, sha256, name } of backup.manifest.tables) {
    const path = join(backup.folder, file);
    if (!existsSync(path)) throw invalid(backup, [`${file} (${name}) is missing`]);
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    if (hash.digest("hex") !== sha256) throw invalid(backup, [`${file} (${name}) was changed or damaged`]);
  }
}

/** The files that made the saved board, in order. */
function migrationsOf({ ledger, id, cliVersion }: Manifest) {
  const files = new Map(loadMigrations().map((file) => [file.id, file]));
  return ledger.map((entry) => {
    const file = files.get(entry.id);
    if (file?.checksum !== entry.checksum) {
      throw new CliError("BACKUP_INVALID", {
        message: `Backup ${id} stands on migration ${entry.id}-${entry.name}, which this release ${file === undefined ? "does not know" : "has otherwise"}.`,
        hint: `Restore it with release ${cliVersion} or a newer one.`,
      });
    }
    return file;
  });
}

function invalid({ id }: Backup, differences: readonly string[]): CliError {
  const more = differences.length - SHOWN_DIFFERENCES;
  return new CliError("BACKUP_INVALID", {
    message: `Backup ${id} does not restore to what was saved: ${differences.slice(0, SHOWN_DIFFERENCES).join("; ")}${more > 0 ? `; and ${more} more` : ""}.`,
    hint: "Do not rely on it: elk-os backup create makes a new one, elk-os backup list shows the others.",
    facts: { differences: differences.slice(0, 50) },
  });
}
