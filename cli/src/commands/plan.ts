import { CHECKS } from "../checks/index.ts";
import { isGreen, runChecks } from "../checks/run-checks.ts";
import { EXIT } from "../errors/catalog.ts";
import { readJournal } from "../journal/read-journal.ts";
import { decideStep } from "../phases/decide-step.ts";
import { PHASES } from "../phases/index.ts";
import { inputHash } from "../phases/input-hash.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Command } from "./command.ts";
import { STACK_OPTIONS } from "./phase-options.ts";

export const plan: Command = {
  name: "plan",
  summary: "Say what `up` would do, and change nothing; exit 9 when there is something",
  help: "For each step: whether it would be skipped, adopted or run, and the check that says so.",
  options: STACK_OPTIONS,
  run: ({ loaded, signal }) =>
    withStack(loaded, async (stack) => {
      const { records } = readJournal(stack.paths.journal);
      const steps = [];
      for (const phase of PHASES) {
        for (const step of phase.steps) {
          const results = await runChecks({
            registry: CHECKS,
            context: stack,
            only: step.proves,
            driver: stack.driver.id,
            signal,
          });
          const first = results.find((result) => !isGreen(result));
          const decision = decideStep({
            history: records.filter((record) => record.step === step.id),
            inputHash: inputHash(await step.input(stack)),
            proven: first === undefined,
          });
          const because =
            first === undefined
              ? decision === "run"
                ? "its inputs changed"
                : "proven"
              : `${first.id}: ${first.evidence}`;
          steps.push({ id: step.id, action: decision, because });
        }
      }
      const pending = steps.filter((step) => step.action === "run");
      return {
        exit: pending.length === 0 ? EXIT.ok : EXIT.pending,
        data: { ok: pending.length === 0, driver: stack.driver.id, pending: pending.length, steps },
        lines: [
          ...steps.map((step) => `${step.action.padEnd(6)} ${step.id.padEnd(20)} ${step.because}`),
          pending.length === 0 ? "nothing to do" : `${pending.length} steps pending; elk-os up runs them`,
        ],
      };
    }),
};
