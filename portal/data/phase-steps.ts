/** Phases of active projects in building order, each with how far it is. */
import { z } from "zod";
import { countStatuses, countTasks, type TaskGroup } from "./groups.ts";
import { Instant, type Snapshot } from "./snapshot.ts";

const PhaseRow = z.object({
  project: z.string(),
  project_name: z.string(),
  key: z.string(),
  name: z.string(),
  status: z.enum(["planned", "active", "verified"]),
  verified_at: Instant.nullable(),
});

export type PhaseStep = z.infer<typeof PhaseRow> & {
  /** Cancelled ones included. */
  readonly tasks: number;
  readonly tasks_done: number;
  readonly tasks_open: number;
};

/** @param groups those of the same snapshot */
export async function readSteps(snapshot: Snapshot, groups: readonly TaskGroup[]): Promise<readonly PhaseStep[]> {
  const rows = await snapshot.list("phase.list", PhaseRow);
  const byPhase = Map.groupBy(groups, ({ project, phase }) => JSON.stringify([project, phase]));
  return rows.map((row) => {
    const own = byPhase.get(JSON.stringify([row.project, row.key])) ?? [];
    const { done, cancelled } = countStatuses(own);
    const tasks = countTasks(own);
    return { ...row, tasks, tasks_done: done, tasks_open: tasks - done - cancelled };
  });
}
