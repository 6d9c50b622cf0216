import { z } from "zod";
import { BigCount, Instant, type Snapshot } from "./snapshot.ts";

const InstanceRow = z.object({
  instance_id: z.string(),
  incarnation: z.int(),
  profile: z.string().nullable(),
  tasks: z.int(),
  tasks_open: z.int(),
  tasks_done: z.int(),
  tasks_blocked: z.int(),
  tasks_in_review: z.int(),
  agents: z.int(),
  live_leases: z.int(),
  receipts: z.int(),
  events: BigCount,
  last_event_at: Instant.nullable(),
  last_event_id: BigCount.nullable(),
  last_event_hash: z.string().nullable(),
  /** "xid:id". The newest of the trail: a transaction that took long may have drawn the larger id and stand before it. */
  last_event_place: z.string().nullable(),
});

const NowRow = z.object({
  server_now: Instant,
  /** What this reading saw, as pg_snapshot text. */
  snapshot: z.string(),
});
export type InstanceTotals = z.infer<typeof InstanceRow> & z.infer<typeof NowRow>;

/** Throws when the database holds no instance row: callers have asked findBoardProblem before. */
export async function readInstance(snapshot: Snapshot): Promise<InstanceTotals> {
  const now = await snapshot.find("instance.now", NowRow);
  const totals = await snapshot.find("instance.count", InstanceRow);
  if (now === null || totals === null) throw new Error("The board has no instance row.");
  return { ...totals, ...now };
}
