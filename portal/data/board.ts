/** What the kanban shows. */
import { z } from "zod";
import { compareByRisk, type Ember, emberOf } from "../view/ember.ts";
import { chooseTasks } from "./board-choice.ts";
import { STATUSES, type StatusCounts } from "./groups.ts";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { type ClaimCounts, LeaseKind, readClaimCounts } from "./leases.ts";
import { Instant, readSnapshot, type Snapshot, TextList } from "./snapshot.ts";

const OpenTaskRow = z.object({
  number: z.int(),
  title: z.string(),
  status: z.enum(STATUSES),
  priority: z.string(),
  phase: z.string().nullable(),
  agent: z.string().nullable(),
  model_family: z.string().nullable(),
  lease_kind: LeaseKind.nullable(),
  lease_seconds: z.int(),
  lease_heartbeat_at: Instant.nullable(),
  lease_expires_at: Instant.nullable(),
  claim_epoch: z.int(),
  attempt: z.int(),
  max_attempts: z.int(),
  author: z.string().nullable(),
  author_family: z.string().nullable(),
  risk: z.string(),
  submitted_at: Instant.nullable(),
  blocked_type: z.string().nullable(),
  blocked_reason: z.string().nullable(),
  blocked_owner: z.string().nullable(),
  blocked_action: z.string().nullable(),
  required_capabilities: TextList,
  open_dependencies: z.int(),
  dependents: z.int(),
  updated_at: Instant,
});
export type OpenTask = z.infer<typeof OpenTaskRow> & { readonly ember: Ember | null };

const DoneTaskRow = z.object({
  number: z.int(),
  title: z.string(),
  receipt: z.int().nullable(),
  done_at: Instant.nullable(),
});
export type DoneTask = z.infer<typeof DoneTaskRow>;

const FacetRow = z.object({
  facet: z.enum(["phase", "agent", "family"]),
  value: z.string(),
  name: z.string().nullable(),
});
export type FacetValue = z.infer<typeof FacetRow>;

export const FILTERS = ["phase", "agent", "family", "priority"] as const;
export type FilterName = (typeof FILTERS)[number];
/** Null: all. */
export type BoardFilter = Readonly<Record<FilterName, string | null>>;

export interface BoardFacts {
  readonly instance: InstanceTotals;
  readonly counts: StatusCounts;
  /** Of the whole board, whatever the filter. */
  readonly claims: ClaimCounts;
  readonly open: readonly OpenTask[];
  readonly done: readonly DoneTask[];
  readonly facets: readonly FacetValue[];
}

export const NO_FILTER: BoardFilter = { phase: null, agent: null, family: null, priority: null };

/** Values that the board can be filtered by. */
export function readFacets(snapshot: Snapshot): Promise<readonly FacetValue[]> {
  return snapshot.list("facet.list", FacetRow);
}

export function readBoard(filter: BoardFilter): Promise<BoardFacts> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    const { counts, openIds, doneIds } = await chooseTasks(snapshot, filter);
    const open = await snapshot.list("task.list-open", OpenTaskRow, [openIds]);
    return {
      instance,
      counts,
      claims: await readClaimCounts(snapshot, instance.server_now),
      open: open.map((row) => ({ ...row, ember: emberOfTask(row, instance.server_now) })),
      done: await snapshot.list("task.list-done", DoneTaskRow, [doneIds]),
      facets: await readFacets(snapshot),
    };
  });
}

interface HeldTask {
  readonly number: number;
  readonly claim_epoch: number;
  readonly agent: string | null;
  readonly lease_kind: z.infer<typeof LeaseKind> | null;
  readonly lease_seconds: number;
  readonly lease_heartbeat_at: Date | null;
  readonly lease_expires_at: Date | null;
}

/** Null when nobody holds the task. */
export function emberOfTask(task: HeldTask, now: Date): Ember | null {
  const { lease_kind: kind, lease_heartbeat_at: heartbeatAt, lease_expires_at: expiresAt } = task;
  if (kind === null || heartbeatAt === null || expiresAt === null) return null;
  const { number, claim_epoch: epoch, agent, lease_seconds: leaseSeconds } = task;
  return emberOf({ task: number, epoch, agent, kind, leaseSeconds, heartbeatAt, expiresAt }, now);
}

/** What needs a look first; tasks that nobody holds come last, in their own order. */
export function sortByRisk(tasks: readonly OpenTask[]): readonly OpenTask[] {
  return tasks.toSorted((a, b) => {
    if (a.ember === null || b.ember === null) return Number(a.ember === null) - Number(b.ember === null);
    return compareByRisk(a.ember, b.ember);
  });
}
