import { describeMachine, runFacts } from "../run-facts.ts";

/** Where and on what the figures were taken, as a page says it; load is that of the last minute before. */
export interface MachineFacts {
  readonly at: string;
  readonly commit: string;
  readonly machine: string;
  readonly load: number;
}

export function machineFacts(): MachineFacts {
  const { at, commit, hasChanges, machine, loadBefore } = runFacts();
  return {
    at,
    commit: `${commit}${hasChanges ? " with changes" : ""}`,
    machine: describeMachine(machine),
    load: loadBefore,
  };
}
