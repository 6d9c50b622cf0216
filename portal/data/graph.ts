/** Tasks and what they wait for. */
import { z } from "zod";
import { type FacetValue, readFacets } from "./board.ts";
import { STATUSES } from "./groups.ts";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { readSnapshot } from "./snapshot.ts";

const TaskRow = z.object({
  number: z.int(),
  title: z.string(),
  status: z.enum(STATUSES),
  priority: z.string(),
  phase: z.string().nullable(),
  agent: z.string().nullable(),
  blocked_type: z.string().nullable(),
});
export type GraphNode = z.infer<typeof TaskRow>;

const EdgeRow = z
  .object({ task: z.int(), depends_on: z.int() })
  .transform(({ task, depends_on }) => ({ from: depends_on, to: task }));

export interface GraphFacts {
  readonly instance: InstanceTotals;
  readonly tasks: readonly GraphNode[];
  readonly edges: readonly z.infer<typeof EdgeRow>[];
  readonly facets: readonly FacetValue[];
  /** There are more such tasks than are drawn. */
  readonly isCut: boolean;
}

/** More than this nobody reads as a picture; a phase or a focus shows the rest. */
const TASK_LIMIT = 400;
const EDGE_LIMIT = 4_000;

export interface GraphFilter {
  /** Verified and cancelled tasks as well. */
  readonly withClosed: boolean;
  readonly phase: string | null;
  /** Only this task and what hangs together with it, whatever the state and phase; null: all. */
  readonly focus: number | null;
}

export function readGraph({ withClosed, phase, focus }: GraphFilter): Promise<GraphFacts> {
  return readSnapshot(async (snapshot) => {
    const most = TASK_LIMIT + 1;
    const found =
      focus === null
        ? await snapshot.list("graph.list-tasks", TaskRow, [withClosed, phase, most])
        : await snapshot.list("graph.list-around", TaskRow, [focus, most]);
    const tasks = found.slice(0, TASK_LIMIT);
    return {
      instance: await readInstance(snapshot),
      tasks,
      edges: await snapshot.list("graph.list-edges", EdgeRow, [tasks.map(({ number }) => number), EDGE_LIMIT]),
      facets: await readFacets(snapshot),
      isCut: found.length > TASK_LIMIT,
    };
  });
}
