import type { PhaseId } from "../phases/phase.ts";
import { bringUp } from "./bring-up.ts";
import type { Command } from "./command.ts";
import { STACK_OPTIONS } from "./phase-options.ts";

/** A phase as its own command; `up` and `doctor` have fuller commands of the same name. */
export function singlePhase(id: PhaseId, summary: string, help: string): Command {
  return { name: id, summary, help, options: STACK_OPTIONS, run: (invocation) => bringUp(invocation, [id]) };
}
