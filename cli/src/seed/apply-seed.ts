import { z } from "zod";
import { readSql } from "../drivers/embedded/read-sql.ts";
import type { Profile } from "./load-profile.ts";
import { hashAll } from "./seed-hash.ts";
import { toHistoryDocument } from "./to-history-document.ts";

/** One connection: a pool would spread the transaction over several. */
export interface SeedConnection {
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

export interface SeedResult {
  /** Rows inserted or updated; 0 when every content hash already stood in the ledger. */
  readonly changed: number;
  /** Names of the ledger's rows that were written. */
  readonly applied: readonly string[];
}

/** Names of the parts of this profile's seed that the ledger lacks or holds with another hash. Empty: nothing to do. */
export async function findSeedDrift(connection: SeedConnection, profile: Profile): Promise<string[]> {
  const recorded = ledgerSchema.parse((await connection.query(readSql("seeds.list"))).rows);
  const hashes = new Map(recorded.map((row) => [row.name, row.content_hash]));
  return ledgerOf(profile)
    .filter((part) => hashes.get(part.name) !== part.hash)
    .map((part) => part.name);
}

/**
 * Writes the profile's rows and records their hashes, in one transaction. The database keeps what people and agents
 * have done since: history rows are only ever added, reference rows keep their dates and status. Idempotent.
 * @param connection one connection of the superuser
 * @param now the moment that offsets such as `-2h10m` count from
 */
export async function applySeed(connection: SeedConnection, profile: Profile, now = new Date()): Promise<SeedResult> {
  await connection.query(readSql("transaction.begin"));
  try {
    const applied = await findSeedDrift(connection, profile);
    const changed = applied.length === 0 ? 0 : await writeSeed(connection, profile, now);
    await connection.query(readSql("transaction.commit"));
    return { changed, applied };
  } catch (error) {
    await connection.query(readSql("transaction.rollback"));
    throw error;
  }
}

async function writeSeed(connection: SeedConnection, profile: Profile, now: Date): Promise<number> {
  const document = toHistoryDocument(profile.seed, now);
  const answer = await connection.query(readSql("history.import"), [JSON.stringify(document)]);
  const [row] = z.array(z.object({ result: importResultSchema })).parse(answer.rows);
  const counts = Object.values(row?.result ?? {});
  for (const part of ledgerOf(profile)) {
    await connection.query(readSql("seed.record"), [part.name, part.hash, part.rows]);
  }
  return counts.reduce((sum, count) => sum + count.inserted + count.updated, 0);
}

const ledgerSchema = z.array(z.object({ name: z.string(), content_hash: z.string() }));
const importResultSchema = z.record(z.string(), z.object({ inserted: z.int(), updated: z.int() }));

interface LedgerPart {
  readonly name: string;
  readonly hash: string;
  readonly rows: number;
}

/** One part for each seed file, and one named like the profile that stands for all of them. */
function ledgerOf(profile: Profile): readonly LedgerPart[] {
  const { name } = profile.manifest;
  const sizes: Readonly<Record<string, readonly unknown[]>> = { ...profile.seed.rows, agents: profile.seed.agents };
  const parts = Object.entries(profile.seed.hashes).map(([file, hash]) => ({
    name: `${name}/${file}`,
    hash,
    rows: sizes[file]?.length ?? 0,
  }));
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  return [...parts, { name, hash: hashAll(profile.seed.hashes), rows }];
}
