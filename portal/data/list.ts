/** Tasks as rows: the list and its exports. */
import { z } from "zod";
import type { Ember } from "../view/ember.ts";
import { LIST_FACETS, LIST_PAGE, type ListFilter } from "../view/list-filter.ts";
import { emberOfTask, STATUSES } from "./board.ts";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { LeaseKind } from "./leases.ts";
import { Instant, readSnapshot, TextList } from "./snapshot.ts";

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

const CountRow = z.object({ all_tasks: z.int(), matching: z.int() });
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

const valuesOf = ({ facets, text: words }: ListFilter) => [...LIST_FACETS.map((name) => facets[name]), words];

export function readList(filter: ListFilter): Promise<ListFacts> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    const values = valuesOf(filter);
    const window = [filter.order, LIST_PAGE, (filter.page - 1) * LIST_PAGE];
    const rows = await snapshot.list("task.list-rows", ListRow, [...values, ...window]);
    const counts = await snapshot.find("task.count-rows", CountRow, values);
    return {
      instance,
      tasks: rows.map((row) => ({ ...row, ember: emberOfTask(row, instance.server_now) })),
      matching: counts?.matching ?? 0,
      all: counts?.all_tasks ?? 0,
      facets: await snapshot.list("task.list-facets", FacetRow),
    };
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
    const values = valuesOf(filter);
    const rows = await snapshot.list("task.list-rows", ListRow, [...values, filter.order, limit, 0]);
    return { rows, matching: (await snapshot.find("task.count-rows", CountRow, values))?.matching ?? rows.length };
  });
}
