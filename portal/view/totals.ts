/** Totals of the rail and of the strip, in the words that every page uses. */
import type { RunningCost } from "../data/costs.ts";
import type { StatusCounts } from "../data/groups.ts";
import type { InstanceTotals } from "../data/instance.ts";
import type { ClaimCounts } from "../data/leases.ts";
import type { Fact } from "../parts/facts.tsx";
import { formatCount, shortHash } from "./numbers.ts";

export function logFacts(instance: InstanceTotals): readonly Fact[] {
  return [
    { name: "Last event", value: instance.last_event_id === null ? "–" : formatCount(instance.last_event_id) },
    { name: "Incarnation", value: instance.incarnation },
    { name: "Newest hash", value: shortHash(instance.last_event_hash) },
  ];
}

export function claimFacts({ live, cooling, cold }: ClaimCounts): readonly Fact[] {
  return [
    { name: "Live claims", value: formatCount(live) },
    { name: "Cooling", value: formatCount(cooling) },
    { name: "Cold", value: formatCount(cold) },
  ];
}

/** What running has cost in tokens, and how much of it was thrown away. */
export function runningFacts({ tokens, tokens_discarded }: RunningCost, verified: number): readonly Fact[] {
  const rate = tokens === 0 ? "–" : `${((100 * tokens_discarded) / tokens).toFixed(1)} %`;
  return [
    { name: "Tokens", value: formatCount(tokens) },
    { name: "Per verified task", value: verified === 0 ? "–" : formatCount(tokens / verified) },
    { name: "Thrown away", value: formatCount(tokens_discarded) },
    { name: "Discard rate", value: rate, isTotal: true },
  ];
}

/** Cancelled tasks stand outside the total. */
export function boardFacts(counts: StatusCounts): readonly Fact[] {
  return [
    { name: "Triage", value: formatCount(counts.triage) },
    { name: "Ready", value: formatCount(counts.ready) },
    { name: "In progress", value: formatCount(counts.in_progress) },
    { name: "In review", value: formatCount(counts.in_review) },
    { name: "Blocked", value: formatCount(counts.blocked) },
    { name: "Verified", value: `${formatCount(counts.done)} of ${formatCount(countedTasks(counts))}`, isTotal: true },
  ];
}

export function countedTasks(counts: StatusCounts): number {
  return counts.triage + counts.ready + counts.in_progress + counts.in_review + counts.blocked + counts.done;
}
