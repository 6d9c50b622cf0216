/** What it costs: hosting, building and running apart, and how much of the running was thrown away. */
import { z } from "zod";
import { type InstanceTotals, readInstance } from "./instance.ts";
import { BigCount, Instant, readSnapshot } from "./snapshot.ts";

/** One row over all claims. */
export const RunningRow = z.object({
  claims: z.int(),
  tokens: BigCount,
  usd: BigCount,
  tokens_discarded: BigCount,
  usd_discarded: BigCount,
  uncounted: z.int(),
});
export type RunningCost = z.infer<typeof RunningRow>;

const PaidRow = z.object({
  kind: z.enum(["hosting", "build"]),
  entries: z.int(),
  usd: BigCount,
  first_at: Instant,
  last_at: Instant,
});
export type PaidCost = z.infer<typeof PaidRow>;

const PhaseRow = z.object({
  phase: z.string().nullable(),
  name: z.string().nullable(),
  verified: z.int(),
  tokens: BigCount,
  usd: BigCount,
});
export type PhaseCost = z.infer<typeof PhaseRow>;

const RateRow = z.object({
  dimension: z.enum(["all", "agent", "model", "class"]),
  value: z.string(),
  attempts: z.int(),
  accepted: z.int(),
  rework: z.int(),
  discarded: z.int(),
  expired: z.int(),
  duplicate: z.int(),
  superseded: z.int(),
  undecided: z.int(),
  discard_rate: z.number().nullable(),
  rework_rate: z.number().nullable(),
  tokens: BigCount,
  cost_usd: z.number(),
  cost_discarded_usd: z.number(),
});
export type Rate = z.infer<typeof RateRow>;

export interface CostFacts {
  readonly instance: InstanceTotals;
  readonly running: RunningCost;
  readonly paid: readonly PaidCost[];
  readonly phases: readonly PhaseCost[];
  readonly rates: readonly Rate[];
}

const NOTHING: RunningCost = { claims: 0, tokens: 0, usd: 0, tokens_discarded: 0, usd_discarded: 0, uncounted: 0 };

export function readCosts(): Promise<CostFacts> {
  return readSnapshot(async (snapshot) => ({
    instance: await readInstance(snapshot),
    running: (await snapshot.find("cost.sum-claims", RunningRow)) ?? NOTHING,
    paid: await snapshot.list("cost.sum-usage", PaidRow),
    phases: await snapshot.list("cost.list-phases", PhaseRow),
    rates: await snapshot.list("cost.list-rates", RateRow),
  }));
}
