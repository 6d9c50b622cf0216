/**
 * How a claim looks between two words from the server, on a page's own clock. A claim is shown as cold or ended only on evidence: the
 * board must have been read after the instant at which it would have become so. Without that evidence it is unknown, never cold.
 */
import { COLD_PART, COOLING_PART, type EmberState } from "./ember.ts";

/** Task, epoch, heartbeat and end in ms since 1970 by the board's clock, length in seconds. */
export type LeaseBeat = readonly [task: number, epoch: number, beatAt: number, endsAt: number, lengthSeconds: number];

/** How long the page waits for the board's word about a threshold that has passed, before it says unknown. */
const PATIENCE_MS = 3_000;

interface Thresholds {
  readonly coolsAt: number;
  readonly coldAt: number;
  readonly endsAt: number;
}

function thresholdsOf([, , beatAt, endsAt, length]: LeaseBeat): Thresholds {
  return { coolsAt: beatAt + length * 1000 * COOLING_PART, coldAt: beatAt + length * 1000 * COLD_PART, endsAt };
}

/** When the picture of the lease changes next, in ms since 1970; Infinity when it stays as it is. */
export function nextChange(lease: LeaseBeat, now: number): number {
  const { coolsAt, coldAt, endsAt } = thresholdsOf(lease);
  return Math.min(...[coolsAt, coldAt, endsAt].filter((at) => at > now), Number.POSITIVE_INFINITY);
}

/**
 * @param now the board's clock as the page reckons it, ms since 1970
 * @param readAt when the board last said how its leases stand, by its own clock
 */
export function liveState(lease: LeaseBeat, now: number, readAt: number): EmberState {
  const { coolsAt, coldAt, endsAt } = thresholdsOf(lease);
  const known = readAt >= endsAt ? "expired" : readAt >= coldAt ? "cold" : null;
  if (known === "expired") return "expired";
  const due = Math.min(...[coldAt, endsAt].filter((at) => at > readAt));
  if (now > due + PATIENCE_MS) return "unknown";
  return known ?? (now >= coolsAt ? "cooling" : "fresh");
}
