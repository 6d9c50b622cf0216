import { z } from "zod";

/** One table as it was: its rows counted, and a hash of them that does not depend on their order. */
const tableFacts = z.strictObject({
  /** Quoted, with its schema: "public.os_tasks". */
  name: z.string(),
  rows: z.string(),
  content: z.string(),
});
export type TableFacts = z.infer<typeof tableFacts>;

const backupTable = tableFacts.extend({
  copyIn: z.string(),
  /** Gzipped text of COPY, below the backup's folder. */
  file: z.string(),
  sha256: z.string(),
  bytes: z.int(),
});
export type BackupTable = z.infer<typeof backupTable>;

const sequenceFacts = z.strictObject({ name: z.string(), lastValue: z.string().nullable() });
export type SequenceFacts = z.infer<typeof sequenceFacts>;

/** What a database holds, for comparing one with another. */
export interface DatabaseFacts {
  readonly tables: readonly TableFacts[];
  readonly sequences: readonly SequenceFacts[];
  /** Every object by what it is, one line each (cli/sql/backup.catalog.sql). */
  readonly catalog: readonly string[];
}

export const manifestSchema = z.strictObject({
  schema: z.literal("muster.backup/1"),
  id: z.string(),
  createdAt: z.iso.datetime(),
  instanceId: z.uuid(),
  incarnation: z.int(),
  /** Every transaction below it is in the backup; decimal text. Absent from backups of releases before it. */
  belowXid: z.string().regex(/^\d+$/).optional(),
  cliVersion: z.string(),
  build: z.string(),
  serverVersion: z.string(),
  /** Migrations that had been applied; the restore applies these files, then the newer ones. */
  ledger: z.array(z.strictObject({ id: z.int(), name: z.string(), checksum: z.string() })),
  /** Statements that make Directus's own tables. */
  ownTables: z.array(z.string()),
  tables: z.array(backupTable),
  sequences: z.array(sequenceFacts),
  catalog: z.array(z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** The proof that a backup was restored once and compared; a backup without it is not valid. */
export const proofSchema = z.strictObject({
  /** Of manifest.json: a proof holds for the backup that was tried. */
  manifestSha256: z.string(),
  verifiedAt: z.iso.datetime(),
  tables: z.int(),
  rows: z.int(),
  durationMs: z.int(),
});
export type Proof = z.infer<typeof proofSchema>;
