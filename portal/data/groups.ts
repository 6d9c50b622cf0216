/** Tasks counted by what they can be told apart by: every total of a page follows from one pass over them. */
import { z } from "zod";
import type { Snapshot } from "./snapshot.ts";

export const STATUSES = ["triage", "ready", "in_progress", "blocked", "in_review", "done", "cancelled"] as const;
export type Status = (typeof STATUSES)[number];
export type StatusCounts = Readonly<Record<Status, number>>;

const GroupRow = z.object({
  project: z.string(),
  phase: z.string().nullable(),
  status: z.enum(STATUSES),
  class: z.string(),
  priority: z.string(),
  risk: z.string(),
  tasks: z.int(),
});
export type TaskGroup = z.infer<typeof GroupRow>;

export const NO_TASKS: StatusCounts = {
  ...{ triage: 0, ready: 0, in_progress: 0, blocked: 0, in_review: 0, done: 0, cancelled: 0 },
};

export function readGroups(snapshot: Snapshot): Promise<readonly TaskGroup[]> {
  return snapshot.list("task.list-groups", GroupRow);
}

export function countTasks(groups: readonly TaskGroup[]): number {
  return groups.reduce((sum, { tasks }) => sum + tasks, 0);
}

export function countStatuses(groups: readonly TaskGroup[]): StatusCounts {
  const counts = { ...NO_TASKS };
  for (const { status, tasks } of groups) counts[status] += tasks;
  return counts;
}
