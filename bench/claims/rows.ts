/** The rows of the table: what is measured, its floor and its aim. Floors and aims are the project's own goals. */
export interface Goal {
  readonly metric: string;
  readonly floor: number;
  readonly aim: number;
  /** "min": at least the floor; "max": at most. */
  readonly sense: "min" | "max";
}

/** Every row, in the order in which it is printed. R: single-row UPDATE … RETURNING by pgbench, same server, same clients. */
export const GOALS = {
  pair: { metric: "claim_next + submit, 4 clients / R", floor: 0.2, aim: 0.3, sense: "min" },
  advance: { metric: "advance / pair", floor: 1.7, aim: 2, sense: "min" },
  batch: { metric: "claim_many(50) + complete_many, tasks/s / R", floor: 2, aim: 4, sense: "min" },
  bossSmall: { metric: "pair / pg-boss default, 1k backlog", floor: 1.3, aim: 2, sense: "min" },
  bossLarge: { metric: "pair / pg-boss default, large backlog", floor: 20, aim: 100, sense: "min" },
  graphile: { metric: "advance / graphile-worker unbatched, 1k", floor: 1.2, aim: 1.5, sense: "min" },
  graphilePinned: { metric: "advance / graphile-worker unbatched, xmin pinned", floor: 3, aim: 5, sense: "min" },
  claimBuffers: { metric: "shared buffers of a whole claim_next, fresh", floor: 40, aim: 20, sense: "max" },
  claimBuffersPinned: { metric: "shared buffers of a whole claim_next, xmin pinned", floor: 60, aim: 20, sense: "max" },
  pickBuffers: { metric: "shared buffers of its pick alone, fresh", floor: 40, aim: 20, sense: "max" },
  pickBuffersPinned: { metric: "shared buffers of its pick alone, xmin pinned", floor: 60, aim: 20, sense: "max" },
  latency: { metric: "claim latency, largest / 1k backlog", floor: 1.5, aim: 1.2, sense: "max" },
  heartbeat: { metric: "heartbeat / R", floor: 0.5, aim: 0.8, sense: "min" },
  hot: { metric: "heartbeat HOT share", floor: 0.95, aim: 1, sense: "min" },
  next: { metric: "next over /muster/mcp, p95 / native MCP items.update", floor: 0.5, aim: 0.35, sense: "max" },
  nextOverNoop: { metric: "next over /muster/mcp, p95 − no-op endpoint, ms", floor: 4, aim: 2, sense: "max" },
} as const satisfies Record<string, Goal>;

export interface Row extends Goal {
  /** null: not measured in this run; `note` says why. */
  readonly value: number | null;
  readonly note: string;
  readonly verdict: "aim met" | "floor met" | "missed" | "not measured";
}

export const round = (value: number): number => Number(value.toPrecision(3));

export function rowOf(name: keyof typeof GOALS, value: number | null, note: string): Row {
  const goal: Goal = GOALS[name];
  const reaches = (limit: number) => value !== null && (goal.sense === "min" ? value >= limit : value <= limit);
  const judged = reaches(goal.aim) ? "aim met" : reaches(goal.floor) ? "floor met" : "missed";
  return {
    ...goal,
    value: value === null ? null : round(value),
    note,
    verdict: value === null ? "not measured" : judged,
  };
}
