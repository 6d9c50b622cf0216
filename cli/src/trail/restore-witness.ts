import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Restore, restoreFactsSchema } from "@muster/board/trail/restore-record";
import { z } from "zod";
import { writeFileAtomic } from "../state/write-file-atomic.ts";

const witnessSchema = z.strictObject({
  facts: restoreFactsSchema,
  /** Oid of the database that is put in place: it keeps it through the swap, so that it says later whether the swap took place. */
  database: z.string().regex(/^\d+$/),
});

/**
 * What the state folder knows of a restore. It is written before the swap, so that a restore that dies after it can still be recorded; it stays, so that
 * who can append to the log, but not write here, cannot invent one.
 */
export type RestoreWitness = z.infer<typeof witnessSchema>;

export function writeWitness(folder: string, witness: RestoreWitness): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileAtomic(fileOf(folder, witness), `${JSON.stringify(witness)}\n`, 0o600);
}

/** By incarnation. What cannot be read is no witness: the record that it stood for is then not believed. */
export function listWitnesses(folder: string): readonly RestoreWitness[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => witnessSchema.safeParse(parsed(readFileSync(join(folder, name), "utf8"))).data ?? [])
    .sort((a, b) => a.facts.incarnation.after - b.facts.incarnation.after);
}

export function dropWitness(folder: string, witness: RestoreWitness): void {
  rmSync(fileOf(folder, witness), { force: true });
}

/** Does the record say what the witness knows? What is lost is not known before the swap. */
export function isWitnessOf({ facts }: RestoreWitness, { lost: _, ...said }: Restore): boolean {
  return isDeepStrictEqual(facts, said);
}

function fileOf(folder: string, { facts }: RestoreWitness): string {
  return join(folder, `${facts.incarnation.after}.json`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no witness.
    return undefined;
  }
}
