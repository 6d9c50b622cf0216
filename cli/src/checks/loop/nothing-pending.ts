import { readJournal } from "../../journal/read-journal.ts";
import { counted } from "../../output/counted.ts";
import { inputHash } from "../../phases/input-hash.ts";
import { type Check, fail, pass } from "../check.ts";

/**
 * LOOP-01. A second `up` changes nothing exactly when every step's inputs are those that the journal closed it
 * with, and its checks pass; the checks are on this board already, so the inputs are what is left to compare.
 */
export const nothingPending: Check = {
  id: "LOOP-01",
  title: "A second `elk-os up` would change nothing",
  severity: "error",
  dependsOn: ["LOOP-04", "LOOP-05"],
  timeoutMs: 20_000,
  async probe(stack) {
    // The registry of phases names checks, so a static import would close a circle.
    const { PHASES } = await import("../../phases/index.ts");
    const { records } = readJournal(stack.paths.journal);
    const steps = PHASES.flatMap((phase) => phase.steps);
    for (const step of steps) {
      const last = records.findLast((record) => record.step === step.id);
      if (last === undefined) return fail(`${step.id} has never run`);
      if (last.event === "fail") return fail(`${step.id} failed: ${last.error}`);
      if (last.inputHash !== inputHash(await step.input(stack))) return fail(`the inputs of ${step.id} have changed`);
    }
    return pass(`${counted(steps.length, "step")} with unchanged inputs`);
  },
  fix: { summary: "elk-os plan says what is pending; elk-os up does it" },
};
