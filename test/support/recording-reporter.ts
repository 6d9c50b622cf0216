import type { CheckResult } from "../../cli/src/checks/check.ts";
import type { CliError } from "../../cli/src/errors/cli-error.ts";
import type { CommandResult, Reporter } from "../../cli/src/output/reporter.ts";
import type { StepReport } from "../../cli/src/phases/run-phases.ts";

export interface RecordingReporter extends Reporter {
  /** One line per event, in order: "started up/postgres". */
  readonly events: readonly string[];
  readonly steps: readonly StepReport[];
  readonly findings: readonly CheckResult[];
  readonly results: readonly CommandResult[];
  readonly errors: readonly CliError[];
}

/** Prints nothing and remembers everything. */
export function recordingReporter(): RecordingReporter {
  const events: string[] = [];
  const steps: StepReport[] = [];
  const findings: CheckResult[] = [];
  const results: CommandResult[] = [];
  const errors: CliError[] = [];
  return {
    events,
    steps,
    findings,
    results,
    errors,
    headline: (line) => void events.push(`headline ${line}`),
    note: (line) => void events.push(`note ${line}`),
    frame: ({ news }) => void events.push(...news.map((line) => `news ${line}`)),
    stepStarted: (phase, step) => void events.push(`started ${phase}/${step}`),
    // Not an event of its own: it stands between a start and an end that are.
    stepWorking: () => {},
    stepProgress: (phase, step, detail) => void events.push(`progress ${phase}/${step} ${detail}`),
    stepEnded(phase, step, report, detail) {
      events.push(`${report.status} ${phase}/${step} ${detail}`);
      steps.push(report);
    },
    stepFailed(phase, step, error) {
      events.push(`failed ${phase}/${step} ${error.code}`);
      errors.push(error);
    },
    finding: (result) => void findings.push(result),
    ask: async () => null,
    result: (result) => void results.push(result),
    error: (error) => void errors.push(error),
  };
}
