import { z } from "zod";
import { compareByRisk, type Ember, emberOf } from "../view/ember.ts";
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

/** Every held claim, live ones first, each group by who ends sooner. */
export async function readLeases(snapshot: Snapshot, now: Date): Promise<readonly Lease[]> {
  const rows = await snapshot.list("lease.list", LeaseRow);
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
