import type { PhaseId } from "../phases/phase.ts";
import { selectPhases } from "../phases/select-phases.ts";
import { bringUp } from "./bring-up.ts";
import type { Command } from "./command.ts";
import { SELECTION_OPTIONS, STACK_OPTIONS } from "./phase-options.ts";

export const up: Command = {
  name: "up",
  summary: "Bring everything to green: every phase that is not proven yet, then the doctor board",
  help: `Runs init, up, migrate, seed, wire and doctor, in order. A phase that its checks already
prove is left alone, so a second run changes nothing. A run that was interrupted resumes.

  elk-os up                       everything
  elk-os up --profile analogelk   with another profile
  elk-os up --only up             start the services, nothing else
  elk-os up --from migrate        from the migrations on`,
  options: [...STACK_OPTIONS, ...SELECTION_OPTIONS],
  run: (invocation) => {
    const { only, from, to } = invocation.options;
    // commander has checked each value against PHASE_IDS.
    return bringUp(
      invocation,
      selectPhases({
        only: only as PhaseId | undefined,
        from: from as PhaseId | undefined,
        to: to as PhaseId | undefined,
      }),
    );
  },
};
