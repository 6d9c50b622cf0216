/** Checks a recorded history against the invariants of the claims engine. Pure. */
import * as claims from "./claim-invariants.ts";
import type { History, Violation } from "./history.ts";
import { freeAgentIsServed } from "./poll-invariants.ts";
import * as trail from "./trail-invariants.ts";

export interface Invariant {
  readonly id: string;
  readonly sentence: string;
  /** One line per violation. */
  readonly check: (history: History) => readonly string[];
}

export const INVARIANTS: readonly Invariant[] = [
  { id: "I1", sentence: "A task has at most one holder.", check: claims.oneHolder },
  { id: "I2", sentence: "Each epoch of a task is granted once.", check: claims.epochGrantedOnce },
  { id: "I3", sentence: "Epochs rise by one with each grant and never fall.", check: claims.epochsRise },
  { id: "I4", sentence: "No write of a holder is accepted with a dead fence.", check: claims.deadFenceRefused },
  {
    id: "I5",
    sentence: "What was answered before something was asked for has the smaller version.",
    check: trail.realTimeOrder,
  },
  {
    id: "I6",
    sentence: "A task is held exactly when it has a lease of the same epoch and holder.",
    check: claims.leaseMatchesTask,
  },
  { id: "I7", sentence: "Events are gapless and as many as the version says.", check: trail.gapless },
  { id: "I8", sentence: "Events fold to the row, each from the version before it.", check: trail.foldsToRow },
  {
    id: "I9",
    sentence: "What waits for something open is not in the queue, and the rest has its right place.",
    check: claims.waitingIsCounted,
  },
  { id: "I10", sentence: "Nothing is claimed while it waits for something open.", check: claims.dependenciesFirst },
  { id: "I11", sentence: "Nothing waits for itself.", check: claims.noCircle },
  { id: "I12", sentence: "Every change of status is in the table of transitions.", check: claims.legalTransitions },
  { id: "I13", sentence: "What was acknowledged is there.", check: trail.nothingAcknowledgedIsLost },
  { id: "I14", sentence: "An operation id has one effect and one answer.", check: trail.exactlyOnce },
  {
    id: "I15",
    sentence:
      "An abandoned task can be claimed again after lease, lock delay and two ticks; a free agent gets ready work within two polls.",
    check: (history) => [...trail.abandonedComesBack(history), ...freeAgentIsServed(history)],
  },
  { id: "I16", sentence: "No task is lost, and none appears from nowhere.", check: trail.noTaskLost },
  { id: "I17", sentence: "Only the database's clock counts.", check: trail.databaseClockAlone },
  { id: "I18", sentence: "A write that names a version is the next one after it.", check: trail.compareAndSet },
  { id: "I19", sentence: "After a restore every earlier token is refused.", check: trail.earlierTokensRefused },
  { id: "I20", sentence: "What can be claimed is never out of sight.", check: claims.readyIsVisible },
  { id: "I21", sentence: "An outage takes nobody's lease.", check: trail.outageTakesNothing },
  {
    id: "I22",
    sentence: "Nobody verifies its own work, and at risk not its own model family's.",
    check: claims.verifiedByStranger,
  },
];

/** Every violation, in the order of the invariants; empty is the only good answer. */
export function checkHistory(history: History): readonly Violation[] {
  return INVARIANTS.flatMap(({ id, check }) => check(history).map((what) => ({ invariant: id, what })));
}
