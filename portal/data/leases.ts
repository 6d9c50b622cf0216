import { z } from "zod";
import { COLD_PART, COOLING_PART, compareByRisk, type Ember, emberOf } from "../view/ember.ts";
import { Instant, type Snapshot } from "./snapshot.ts";

export const LeaseKind = z.enum(["work", "review"]);

const LeaseRow = z.object({
  task: z.int(),
  task_title: z.string(),
  kind: LeaseKind,
  epoch: z.int(),
  agent: z.string().nullable(),
  model_family: z.string().nullable(),
  granted_at: Instant,
  heartbeat_at: Instant,
  expires_at: Instant,
  lease_seconds: z.int(),
  last_kind: z.string().nullable(),
  last_at: Instant.nullable(),
});
export type Lease = z.infer<typeof LeaseRow> & { readonly ember: Ember };

const CountRow = z.object({
  held: z.int(),
  /** Holders of at least one claim that still holds; persons count as one. */
  agents: z.int(),
  on_tasks: z.int(),
  on_reviews: z.int(),
  cooling: z.int(),
});
export type ClaimCounts = z.infer<typeof CountRow> & {
  /** Still hold: fresh or cooling. */
  readonly live: number;
  /** Silent for half a lease, or past it. */
  readonly cold: number;
};

/** Over all held claims, however many a page lists. @param agent null: of all */
export async function readClaimCounts(
  snapshot: Snapshot,
  now: Date,
  agent: string | null = null,
): Promise<ClaimCounts> {
  const row = await snapshot.find("lease.count", CountRow, [now, COOLING_PART, COLD_PART, agent]);
  if (row === null) throw new Error("The board told no count of its claims.");
  const live = row.on_tasks + row.on_reviews;
  return { ...row, live, cold: row.held - live };
}

const LEASE_LIMIT = 200;

/** Held claims by risk; where there are more than `limit`, those whose lease ends first. */
export async function readLeases(snapshot: Snapshot, now: Date, limit = LEASE_LIMIT): Promise<readonly Lease[]> {
  const rows = await snapshot.list("lease.list", LeaseRow, [limit]);
  return rows
    .map((row) => ({
      ...row,
      ember: emberOf(
        {
          task: row.task,
          epoch: row.epoch,
          agent: row.agent,
          kind: row.kind,
          leaseSeconds: row.lease_seconds,
          heartbeatAt: row.heartbeat_at,
          expiresAt: row.expires_at,
        },
        now,
      ),
    }))
    .sort((a, b) => compareByRisk(a.ember, b.ember));
}
