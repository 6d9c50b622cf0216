import { createHash } from "node:crypto";
import { z } from "zod";

/**
 * One line of journal.jsonl. `intent` opens a step; `done`, `fail` or `adopt` closes it; `skip` says that it was
 * proven and left alone; `verify` closes a run with the board's verdict.
 */
export const journalRecordSchema = z.strictObject({
  v: z.literal(1),
  seq: z.number().int().positive(),
  at: z.iso.datetime(),
  /** Names one invocation of the phase machine. */
  run: z.string(),
  phase: z.string(),
  /** `phase/step`; permanent, because resume finds its past by it. */
  step: z.string(),
  event: z.enum(["intent", "done", "fail", "skip", "verify", "adopt"]),
  /** sha256 of everything that the step's result depends on; never of a plain secret. */
  inputHash: z.string(),
  changed: z.number().int().nonnegative(),
  durationMs: z.number().nonnegative(),
  cli: z.string(),
  /** Error code and message on `fail`, else null. Never a secret. */
  error: z.string().nullable(),
  /** sha256 of the line before, "genesis" on the first. */
  prev: z.string(),
});

export type JournalRecord = z.infer<typeof journalRecordSchema>;
export type JournalEntry = Omit<JournalRecord, "v" | "seq" | "at" | "prev">;

export const GENESIS = "genesis";

export function hashLine(line: string): string {
  return createHash("sha256").update(line).digest("hex");
}
