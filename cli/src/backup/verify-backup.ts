import { join } from "node:path";
import type pg from "pg";
import type { Progress } from "../drivers/driver.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { DATABASE_NAME, MAINTENANCE_DATABASE } from "../stack/connections.ts";
import { DATABASE_ROLES } from "../stack/database-roles.ts";
import { writeFileAtomic } from "../state/write-file-atomic.ts";
import { type Backup, getBackup, manifestDigest, PROOF } from "./backup-folder.ts";
import { runMade, type WithDatabase } from "./database.ts";
import { loadBackup } from "./load-backup.ts";
import type { Proof } from "./manifest.ts";

const OWNER_ROLE = "muster_owner";

/** Restores the backup into an empty server, compares, and writes down that it worked. @throws CliError BACKUP_INVALID */
export async function verifyBackup(
  backup: Backup,
  withDatabase: WithDatabase,
  progress: Progress,
  signal: AbortSignal,
): Promise<Backup> {
  const startedAt = performance.now();
  await withDatabase(MAINTENANCE_DATABASE, makeEmptyBoard);
  await withDatabase(DATABASE_NAME, (client) => loadBackup(client, backup, progress, signal));
  const proof: Proof = {
    manifestSha256: manifestDigest(backup.folder),
    verifiedAt: new Date().toISOString(),
    tables: backup.manifest.tables.length,
    rows: rowsOf(backup),
    durationMs: Math.round(performance.now() - startedAt),
  };
  writeFileAtomic(join(backup.folder, PROOF), `${JSON.stringify(proof, null, 2)}\n`, 0o600);
  return getBackup(join(backup.folder, ".."), backup.id);
}

export function rowsOf({ manifest }: Backup): number {
  return manifest.tables.reduce((sum, table) => sum + Number(table.rows), 0);
}

/** Roles that own and are granted things; in the scratch server none of them can log in. */
async function makeEmptyBoard(client: pg.Client): Promise<void> {
  await client.query(readSql("role.functions"));
  for (const role of [OWNER_ROLE, ...Object.keys(DATABASE_ROLES).filter((name) => name !== "postgres")]) {
    await client.query(readSql("role.ensure-group"), [role]);
  }
  await runMade(client, "database.statement-create", [DATABASE_NAME]);
}
