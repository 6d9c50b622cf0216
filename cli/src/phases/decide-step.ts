import type { JournalRecord } from "../journal/record.ts";

export type StepDecision = "skip" | "adopt" | "run";

/**
 * The whole resume law. The journal alone never skips a step: its checks must pass now as well. A step that is
 * proven but has no closed record (journal deleted, or killed between its work and its `done`) is adopted.
 */
export function decideStep(input: { last: JournalRecord | null; inputHash: string; proven: boolean }): StepDecision {
  if (!input.proven) return "run";
  if (input.last === null || input.last.event === "intent") return "adopt";
  if (input.last.event === "fail") return "run";
  return input.last.inputHash === input.inputHash ? "skip" : "run";
}
