/** Which tasks the board shows, and how many there are of each status under its filters. */
import { z } from "zod";
import type { BoardFilter } from "./board.ts";
import { countStatuses, NO_TASKS, readGroups, STATUSES, type StatusCounts, type TaskGroup } from "./groups.ts";
import type { Snapshot } from "./snapshot.ts";

/** Of each status; above it the column says how many it leaves out. Claims that are held stand before everything else. */
const OPEN_LIMIT = 100;
const DONE_LIMIT = 12;

const IdRow = z.object({ id: z.string() });
const WorkedRow = IdRow.extend({ status: z.enum(STATUSES), tasks: z.int() });

interface Choice {
  readonly counts: StatusCounts;
  readonly openIds: readonly string[];
  readonly doneIds: readonly string[];
}

/** What a column shows is found by an index of the tasks; what somebody worked on, by that one's claims. */
export function chooseTasks(snapshot: Snapshot, filter: BoardFilter): Promise<Choice> {
  return filter.agent === null && filter.family === null ? chooseAny(snapshot, filter) : chooseWorked(snapshot, filter);
}

async function chooseAny(snapshot: Snapshot, { phase, priority }: BoardFilter): Promise<Choice> {
  const groups = await readGroups(snapshot);
  const isChosen = (group: TaskGroup) =>
    (phase === null || group.phase === phase) && (priority === null || group.priority === priority);
  return {
    counts: countStatuses(groups.filter(isChosen)),
    openIds: idsOf(await snapshot.list("task.choose-open", IdRow, [phase, priority, OPEN_LIMIT])),
    doneIds: idsOf(await snapshot.list("task.choose-done", IdRow, [phase, priority, DONE_LIMIT])),
  };
}

async function chooseWorked(snapshot: Snapshot, { phase, agent, family, priority }: BoardFilter): Promise<Choice> {
  const values = [phase, agent, family, priority, OPEN_LIMIT, DONE_LIMIT];
  const rows = await snapshot.list("task.choose-worked", WorkedRow, values);
  return {
    // Each row tells how many there are of its status.
    counts: { ...NO_TASKS, ...Object.fromEntries(rows.map(({ status, tasks }) => [status, tasks])) },
    openIds: idsOf(rows.filter(({ status }) => status !== "done" && status !== "cancelled")),
    doneIds: idsOf(rows.filter(({ status }) => status === "done")),
  };
}

const idsOf = (rows: readonly z.infer<typeof IdRow>[]) => rows.map(({ id }) => id);
