/** Who held what, when: claims of a stretch of time with their signs of life. */
import { z } from "zod";
import { type Ember, emberOf } from "../view/ember.ts";
import { type FacetValue, readFacets } from "./board.ts";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { type ClaimCounts, LeaseKind, readClaimCounts } from "./leases.ts";
import { Instant, readSnapshot } from "./snapshot.ts";

const text = z.string().nullable();

export const ClaimRow = z.object({
  task: z.int(),
  task_title: z.string(),
  attempt: z.int(),
  epoch: z.int(),
  kind: LeaseKind,
  agent: text,
  model_family: text,
  claimed_at: Instant,
  ended_at: Instant.nullable(),
  ended_by: text,
  outcome: text,
  heartbeat_at: Instant.nullable(),
  expires_at: Instant.nullable(),
  lease_seconds: z.int().nullable(),
});
export type TimelineClaim = z.infer<typeof ClaimRow> & {
  /** Null: ended, or held without a lease. */
  readonly ember: Ember | null;
};

const SignRow = z.object({ task: z.int(), agent: text, at: Instant });
export type Sign = z.infer<typeof SignRow>;

export interface TimelineFacts {
  readonly instance: InstanceTotals;
  /** Newest first. */
  readonly claims: readonly TimelineClaim[];
  readonly signs: readonly Sign[];
  /** Of the whole board, whatever the stretch. */
  readonly held: ClaimCounts;
  readonly facets: readonly FacetValue[];
  /** The board holds more claims in this stretch than are shown. */
  readonly isCut: boolean;
}

export const CLAIM_LIMIT = 400;
const SIGN_LIMIT = 2_000;
const BEGINNING = new Date(0);

/** `seconds` back from the board's own clock; null: from the beginning. */
export function readTimeline(seconds: number | null, phase: string | null): Promise<TimelineFacts> {
  return readSnapshot(async (snapshot) => {
    const instance = await readInstance(snapshot);
    const now = instance.server_now;
    const since = seconds === null ? BEGINNING : new Date(now.getTime() - seconds * 1000);
    const rows = await snapshot.list("claim.list-since", ClaimRow, [since, phase, CLAIM_LIMIT + 1]);
    return {
      instance,
      held: await readClaimCounts(snapshot, now),
      claims: rows.slice(0, CLAIM_LIMIT).map((row) => ({ ...row, ember: emberOfClaim(row, now) })),
      signs: await snapshot.list("event.list-signs", SignRow, [since, SIGN_LIMIT]),
      facets: await readFacets(snapshot),
      isCut: rows.length > CLAIM_LIMIT,
    };
  });
}

function emberOfClaim(row: z.infer<typeof ClaimRow>, now: Date): Ember | null {
  const {
    task,
    epoch,
    agent,
    kind,
    lease_seconds: leaseSeconds,
    heartbeat_at: heartbeatAt,
    expires_at: expiresAt,
  } = row;
  if (row.ended_at !== null || heartbeatAt === null || expiresAt === null || leaseSeconds === null) return null;
  return emberOf({ task, epoch, agent, kind, leaseSeconds, heartbeatAt, expiresAt }, now);
}
