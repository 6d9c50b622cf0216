/** What the first page shows. */
import { z } from "zod";
import { isPublic } from "../env.ts";
import { MINUTES } from "../view/pulse.ts";
import { type RunningCost, RunningRow } from "./costs.ts";
import { readDoctorReport } from "./doctor.ts";
import type { DoctorReport } from "./doctor-report.ts";
import { countStatuses, readGroups, type StatusCounts } from "./groups.ts";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { type ClaimCounts, type Lease, readClaimCounts, readLeases } from "./leases.ts";
import { type PhaseStep, readSteps } from "./phase-steps.ts";
import { type ReceiptLine, readReceipts } from "./receipts.ts";
import { BigCount, Instant, readSnapshot } from "./snapshot.ts";

const AttentionRow = z.object({
  number: z.int(),
  title: z.string(),
  blocked_type: z.string(),
  blocked_reason: z.string().nullable(),
  blocked_owner: z.string().nullable(),
  blocked_action: z.string().nullable(),
  attempt: z.int(),
  max_attempts: z.int(),
  updated_at: Instant,
});
export type AttentionLine = z.infer<typeof AttentionRow>;

const WaitingRow = z.object({ tasks: z.int(), oldest_at: Instant.nullable() });
/** All tasks that wait for a person, however many are listed. */
export type Waiting = z.infer<typeof WaitingRow>;

export const EventRow = z.object({
  id: BigCount,
  entity: z.string(),
  kind: z.string(),
  actor_name: z.string().nullable(),
  epoch: z.int().nullable(),
  task: z.int().nullable(),
  task_title: z.string().nullable(),
  from_status: z.string().nullable(),
  to_status: z.string().nullable(),
  changed: z.array(z.string()).nullable(),
  at: Instant,
  origin: z.string(),
});
export type EventLine = z.infer<typeof EventRow>;

const MinuteRow = z.object({ minutes_ago: z.int(), events: z.int() });
export type MinuteLine = z.infer<typeof MinuteRow>;

export interface NowFacts {
  readonly instance: InstanceTotals;
  readonly counts: StatusCounts;
  readonly claims: ClaimCounts;
  readonly leases: readonly Lease[];
  readonly waiting: Waiting;
  readonly attention: readonly AttentionLine[];
  readonly receipts: readonly ReceiptLine[];
  readonly phases: readonly PhaseStep[];
  readonly events: readonly EventLine[];
  readonly minutes: readonly MinuteLine[];
  /** Null: not for strangers. */
  readonly running: RunningCost | null;
  readonly doctor: DoctorReport | null;
}

const NEWEST_RECEIPTS = 5;
const TAIL = 12;

export function readNow(): Promise<NowFacts> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    const groups = await readGroups(snapshot);
    return {
      instance,
      counts: countStatuses(groups),
      claims: await readClaimCounts(snapshot, instance.server_now),
      leases: await readLeases(snapshot, instance.server_now),
      waiting: (await snapshot.find("attention.count", WaitingRow)) ?? { tasks: 0, oldest_at: null },
      attention: await snapshot.list("attention.list", AttentionRow),
      receipts: await readReceipts(snapshot, NEWEST_RECEIPTS),
      phases: await readSteps(snapshot, groups),
      events: await snapshot.list("event.tail", EventRow, [TAIL]),
      minutes: await snapshot.list("event.count-minutes", MinuteRow, [instance.server_now, MINUTES]),
      running: isPublic() ? null : await snapshot.find("cost.sum-claims", RunningRow),
      doctor: await readDoctorReport(instance.server_now),
    };
  });
}
