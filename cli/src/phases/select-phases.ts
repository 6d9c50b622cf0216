import { CliError } from "../errors/cli-error.ts";
import { PHASE_IDS, type PhaseId } from "./phase.ts";

export interface PhaseSelection {
  readonly only?: PhaseId | undefined;
  readonly from?: PhaseId | undefined;
  readonly to?: PhaseId | undefined;
}

/** The phases that a command line names, in boot order. @throws CliError USAGE_INVALID when they exclude each other. */
export function selectPhases({ only, from, to }: PhaseSelection): readonly PhaseId[] {
  if (only !== undefined && (from !== undefined || to !== undefined)) {
    throw new CliError("USAGE_INVALID", {
      message: "--only names one phase, so it cannot be combined with --from or --to.",
      hint: "Use --only PHASE, or --from PHASE and --to PHASE.",
    });
  }
  if (only !== undefined) return [only];
  const first = from === undefined ? 0 : PHASE_IDS.indexOf(from);
  const last = to === undefined ? PHASE_IDS.length - 1 : PHASE_IDS.indexOf(to);
  if (first > last) {
    throw new CliError("USAGE_INVALID", {
      message: `--from ${from} comes after --to ${to}.`,
      hint: `The order is ${PHASE_IDS.join(", ")}.`,
    });
  }
  return PHASE_IDS.slice(first, last + 1);
}
