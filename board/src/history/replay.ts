/** Replays the trail of each task in the order of its versions. */
import type { BoardRecord, Fields, HistoryEvent } from "./history.ts";

/** One accepted change of a task, with the row as the events before it make it. */
export interface Step {
  readonly event: HistoryEvent;
  /** Null at the first event. */
  readonly was: Fields | null;
  readonly becomes: Fields;
}

export interface Trail {
  readonly task: string;
  readonly steps: readonly Step[];
}

/** Trails of every task that has an event, each in the order of versions. */
export function replay(board: BoardRecord): readonly Trail[] {
  const byTask = Map.groupBy(
    board.events.filter(({ entity }) => entity === "os_tasks"),
    ({ entityId }) => entityId,
  );
  return [...byTask].map(([task, events]) => ({ task, steps: fold(events) }));
}

function fold(events: readonly HistoryEvent[]): readonly Step[] {
  let row: Fields | null = null;
  const steps: Step[] = [];
  for (const event of events.toSorted((left, right) => left.version - right.version)) {
    const becomes: Fields = { ...row, ...event.after };
    steps.push({ event, was: row, becomes });
    row = becomes;
  }
  return steps;
}

/** Whether somebody holds the task in this row. */
export const isHeld = (row: Fields | null): boolean => row !== null && (row["claim_session"] ?? null) !== null;

/** The epoch of a row; 0 before the first. */
export function epochOf(row: Fields | null): number {
  const epoch = row?.["claim_epoch"];
  return typeof epoch === "number" ? epoch : 0;
}

/** Verbs whose answer is a grant. */
export const GRANTING: readonly string[] = ["claim", "claim_next", "claim_many", "advance"];

const GRANTS: readonly string[] = ["claimed", "taken_over", "review_claimed"];

/** A grant raises the epoch; a review that is renewed does not. */
export const isGrant = ({ event, was }: Step): boolean =>
  GRANTS.includes(event.kind) && event.epoch !== null && event.epoch > epochOf(was);
