/** Tasks as rows: the list and its exports. */
import { z } from "zod";
import type { Ember } from "../view/ember.ts";
import { LIST_FACETS, LIST_PAGE, type ListFilter } from "../view/list-filter.ts";
import { emberOfTask } from "./board.ts";
import { countTasks, readGroups, STATUSES, type TaskGroup } from "./groups.ts";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { LeaseKind } from "./leases.ts";
import { Instant, readSnapshot, type Snapshot, TextList } from "./snapshot.ts";

const text = z.string().nullable();

const ListRow = z.object({
  number: z.int(),
  title: z.string(),
  project: z.string(),
  phase: text,
  class: z.string(),
  status: z.enum(STATUSES),
  priority: z.string(),
  risk: z.string(),
  labels: TextList,
  agent: text,
  model_family: text,
  lease_kind: LeaseKind.nullable(),
  lease_seconds: z.int(),
  lease_heartbeat_at: Instant.nullable(),
  lease_expires_at: Instant.nullable(),
  claim_epoch: z.int(),
  attempt: z.int(),
  max_attempts: z.int(),
  author: text,
  verifier: text,
  blocked_type: text,
  receipt: z.int().nullable(),
  dependents: z.int(),
  open_dependencies: z.int(),
  submitted_commit: text,
  created_at: Instant,
  updated_at: Instant,
  done_at: Instant.nullable(),
});
export type ListRow = z.infer<typeof ListRow>;
export type ListTask = ListRow & { readonly ember: Ember | null };

const IdRow = z.object({ id: z.string() });
const CountRow = z.object({ tasks: z.int() });
const FacetRow = z.object({ facet: z.enum(LIST_FACETS), value: z.string(), tasks: z.int() });
export type ListFacetValue = z.infer<typeof FacetRow>;

export interface ListFacts {
  readonly instance: InstanceTotals;
  readonly tasks: readonly ListTask[];
  /** Under the filters, over all pages. */
  readonly matching: number;
  readonly all: number;
  readonly facets: readonly ListFacetValue[];
}

/** An export is one answer, so it has an end; it says so when it was reached. */
export const EXPORT_LIMIT = 10_000;

/** What the groups tell apart. */
const GROUPED = ["status", "project", "phase", "class", "priority", "risk"] as const;

const valuesOf = ({ facets, text: words }: ListFilter) => [...LIST_FACETS.map((name) => facets[name]), words];

export function readList(filter: ListFilter): Promise<ListFacts> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    const groups = await readGroups(snapshot);
    const rows = await readRows(snapshot, filter, LIST_PAGE, (filter.page - 1) * LIST_PAGE);
    return {
      instance,
      tasks: rows.map((row) => ({ ...row, ember: emberOfTask(row, instance.server_now) })),
      matching: await countMatching(snapshot, filter, groups),
      all: countTasks(groups),
      facets: [...facetsOf(groups), ...(await snapshot.list("task.list-facets", FacetRow))],
    };
  });
}

async function readRows(
  snapshot: Snapshot,
  filter: ListFilter,
  limit: number,
  skip: number,
): Promise<readonly ListRow[]> {
  const { facets, order, text: words } = filter;
  const isPlain = order === "number" && facets.agent === null && facets.family === null;
  const chosen = isPlain
    ? await snapshot.list("task.choose-rows", IdRow, [
        ...GROUPED.map((name) => facets[name]),
        ...[facets.label, words, limit, skip],
      ])
    : await snapshot.list("task.choose-ordered-rows", IdRow, [...valuesOf(filter), order, limit, skip]);
  return snapshot.list("task.list-rows", ListRow, [chosen.map(({ id }) => id)]);
}

async function countMatching(snapshot: Snapshot, filter: ListFilter, groups: readonly TaskGroup[]): Promise<number> {
  const { facets, text: words } = filter;
  if (words === null && facets.agent === null && facets.family === null && facets.label === null) {
    return countTasks(
      groups.filter((group) => GROUPED.every((name) => facets[name] === null || facets[name] === group[name])),
    );
  }
  return (await snapshot.find("task.count-rows", CountRow, valuesOf(filter)))?.tasks ?? 0;
}

function facetsOf(groups: readonly TaskGroup[]): readonly ListFacetValue[] {
  return GROUPED.flatMap((facet) => {
    const counts = new Map<string, number>();
    for (const group of groups) {
      const value = group[facet];
      if (value !== null) counts.set(value, (counts.get(value) ?? 0) + group.tasks);
    }
    return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([value, tasks]) => ({ facet, value, tasks }));
  });
}

interface Export {
  readonly rows: readonly ListRow[];
  /** Under the filters; more than there are rows when the export was cut. */
  readonly matching: number;
}

/** The rows of an export, without pages, and how many there are. */
export function readExport(filter: ListFilter, limit = EXPORT_LIMIT): Promise<Export> {
  return readSnapshot(async (snapshot) => {
    const groups = await readGroups(snapshot);
    return {
      rows: await readRows(snapshot, filter, limit, 0),
      matching: await countMatching(snapshot, filter, groups),
    };
  });
}
