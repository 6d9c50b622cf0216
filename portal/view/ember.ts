/**
 * How a held claim looks. Ring = lease left. Core = heartbeat. Both are computed from facts, so that the picture can be checked.
 *
 * The board renews a lease by its full length with every heartbeat. A holder is expected to beat ten times per lease: past one
 * beat it cools, past half the lease it is cold, long before the lease ends and anybody may take the task over.
 */
import { formatDuration, secondsBetween } from "./times.ts";

/** `unknown`: the page has no evidence that is young enough; only a live page that lost its stream says so. */
export type EmberState = "fresh" | "cooling" | "cold" | "expired" | "unknown";

export interface LeaseFacts {
  /** Number of the task and epoch of the claim: what names the lease in the stream. */
  readonly task: number;
  readonly epoch: number;
  /** Name of the agent; null for a holder without one. */
  readonly agent: string | null;
  readonly kind: "work" | "review";
  /** Length of a whole lease in seconds. */
  readonly leaseSeconds: number;
  readonly heartbeatAt: Date;
  readonly expiresAt: Date;
}

export interface Ember {
  readonly lease: LeaseFacts;
  readonly state: EmberState;
  /** Seconds until the lease ends; 0 once it has. */
  readonly secondsLeft: number;
  readonly secondsSinceBeat: number;
  /** Part of the lease that is left, 0 to 100, one decimal: the ring's length in its pathLength of 100. */
  readonly ring: number;
  /** The same facts as one sentence, for those who do not see the picture. */
  readonly label: string;
}

/** Parts of a lease after the last heartbeat at which a claim cools, and at which it is cold. */
export const COOLING_PART = 0.1;
export const COLD_PART = 0.5;
/** A claim that beats but changes nothing for so long is slow: a quiet note, never cold. */
const SLOW_SECONDS = 20 * 60;

const WORD: Readonly<Record<EmberState, string>> = {
  fresh: "Live",
  cooling: "Cooling",
  cold: "Cold",
  expired: "Expired",
  unknown: "Unknown",
};

export function emberOf(lease: LeaseFacts, now: Date): Ember {
  const secondsLeft = secondsBetween(now, lease.expiresAt);
  const secondsSinceBeat = secondsBetween(lease.heartbeatAt, now);
  const state = stateOf(lease, now, secondsSinceBeat);
  const ring = Math.round(Math.min(100, (100 * secondsLeft) / Math.max(1, lease.leaseSeconds)) * 10) / 10;
  return {
    lease,
    state,
    secondsLeft,
    secondsSinceBeat,
    ring,
    label: labelOf(lease, state, secondsLeft, secondsSinceBeat, now),
  };
}

function stateOf(lease: LeaseFacts, now: Date, secondsSinceBeat: number): EmberState {
  if (lease.expiresAt <= now) return "expired";
  if (secondsSinceBeat < lease.leaseSeconds * COOLING_PART) return "fresh";
  return secondsSinceBeat < lease.leaseSeconds * COLD_PART ? "cooling" : "cold";
}

export function labelOf(
  lease: LeaseFacts,
  state: EmberState,
  secondsLeft: number,
  sinceBeat: number,
  now: Date,
): string {
  const what = lease.kind === "review" ? "review" : "claim";
  const end =
    state === "expired"
      ? `lease ended ${formatDuration(secondsBetween(lease.expiresAt, now))} ago`
      : `lease ends in ${formatDuration(secondsLeft)}`;
  return `${WORD[state]} ${what}: held by ${lease.agent ?? "a person"}, ${end}, last heartbeat ${formatDuration(sinceBeat)} ago`;
}

/** stroke-dasharray of the ring: it starts at twelve o'clock and empties clockwise. */
export function ringDashes(ring: number): string {
  const left = Math.max(0, Math.min(100, ring));
  return `0 ${(100 - left).toFixed(1)} ${left.toFixed(1)} 0`;
}

/** A claim that still holds: only these may glow. */
export function isAlive(ember: Ember): boolean {
  return ember.state === "fresh" || ember.state === "cooling";
}

/** Its heartbeat is fresh, but nothing about the task has changed for long. `changedAt` null: nothing is known. */
export function isSlow(ember: Ember, changedAt: Date | null, now: Date): boolean {
  return ember.state === "fresh" && changedAt !== null && now >= slowFrom(changedAt);
}

/** From when a claim is slow if nothing changes any more: no event will say so. */
export function slowFrom(changedAt: Date): Date {
  return new Date(changedAt.getTime() + SLOW_SECONDS * 1000);
}

/** "65:3": task and epoch, as the stream names a lease. */
export function leaseKey({ task, epoch }: Pick<LeaseFacts, "task" | "epoch">): string {
  return `${task}:${epoch}`;
}

const RISK: Readonly<Record<EmberState, number>> = { expired: 0, cold: 1, unknown: 1, cooling: 2, fresh: 3 };

/** What needs a look first stands first: expired, cold, cooling; then whose lease ends sooner. */
export function compareByRisk(a: Ember, b: Ember): number {
  return RISK[a.state] - RISK[b.state] || a.secondsLeft - b.secondsLeft;
}
