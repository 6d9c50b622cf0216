/** What a task has cost, claim by claim, and how much of it was thrown away. */

export interface ClaimCost {
  readonly ended_at: Date | null;
  readonly outcome: string | null;
  readonly tokens_in: number | null;
  readonly tokens_out: number | null;
  readonly cost_usd: number | null;
}

export type Output = "kept" | "discarded" | "open";

/** Outcomes after which nothing of the work is used. Rework is kept: the next attempt builds on it. */
const DISCARDED = new Set(["discarded", "expired", "duplicate", "superseded"]);

export function outputOf({ ended_at, outcome }: ClaimCost): Output {
  if (ended_at === null) return "open";
  return outcome !== null && DISCARDED.has(outcome) ? "discarded" : "kept";
}

/** Null when nobody counted, and for strangers. */
export function tokensOf({ tokens_in, tokens_out }: Pick<ClaimCost, "tokens_in" | "tokens_out">): number | null {
  return tokens_in === null && tokens_out === null ? null : (tokens_in ?? 0) + (tokens_out ?? 0);
}

export interface CostTotal {
  readonly tokens: number;
  readonly usd: number;
  /** Percent of the tokens that were thrown away, whole. */
  readonly discardedPercent: number;
}

/** Null when no claim was counted. */
export function totalCost(claims: readonly ClaimCost[]): CostTotal | null {
  const counted = claims.filter((claim) => tokensOf(claim) !== null);
  if (counted.length === 0) return null;
  const sum = (list: readonly ClaimCost[]) => list.reduce((total, claim) => total + (tokensOf(claim) ?? 0), 0);
  const tokens = sum(counted);
  const discarded = sum(counted.filter((claim) => outputOf(claim) === "discarded"));
  return {
    tokens,
    usd: counted.reduce((total, { cost_usd }) => total + (cost_usd ?? 0), 0),
    discardedPercent: tokens === 0 ? 0 : Math.round((100 * discarded) / tokens),
  };
}
