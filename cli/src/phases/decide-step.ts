import type { JournalRecord } from "../journal/record.ts";

export type StepDecision = "skip" | "adopt" | "run";

/** Events that say: with this input hash, the step was proven. */
const SETTLED: ReadonlySet<JournalRecord["event"]> = new Set(["done", "adopt", "skip"]);

/**
 * The whole resume law; `history` is what the journal knows of this step, oldest first. The journal alone never skips
 * a step: its checks must pass now as well. A step that is proven but has no closed record (journal deleted, or killed
 * between its work and its `done`) is adopted. Not so when it was last proven for other inputs: a check may be blind to
 * what changed, and a kill right after the `intent` would then hide the change for ever. Such a step runs again.
 */
export function decideStep(input: {
  readonly history: readonly JournalRecord[];
  readonly inputHash: string;
  readonly proven: boolean;
}): StepDecision {
  if (!input.proven) return "run";
  const settled = input.history.findLast((record) => SETTLED.has(record.event));
  if (settled !== undefined && settled.inputHash !== input.inputHash) return "run";
  const last = input.history.at(-1);
  if (last === undefined || last.event === "intent") return "adopt";
  return last.event === "fail" ? "run" : "skip";
}
