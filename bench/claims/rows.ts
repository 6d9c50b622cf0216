/** The rows of the table: what is measured, its floor and its aim. Floors and aims are the project's own goals. */
export interface Goal {
  readonly metric: string;
  readonly floor: number;
  readonly aim: number;
  /** "min": at least the floor; "max": at most. */
  readonly sense: "min" | "max";
  /** What stands between the figure and the goal where it is missed; "not explained" where nobody knows. */
  readonly why: string;
}

/** What a rival does not do, said beside its figure and on the page. */
export const LACKS = {
  "pg-boss": "no fence, no trail, no verdict",
  "graphile-worker": "no fence, no trail, no verdict; deletes its rows",
} as const;

/** Every row, in the order in which it is printed. R: single-row UPDATE … RETURNING by pgbench, same server, same clients. */
export const GOALS = {
  pair: {
    metric: "claim_next + submit, 4 clients / R",
    floor: 0.2,
    aim: 0.3,
    sense: "min",
    why: "A pair is two commits and nine rows written, hashes of the trail included; R is one row in one commit.",
  },
  advance: {
    metric: "advance / pair",
    floor: 1.7,
    aim: 2,
    sense: "min",
    why: "It saves one commit and one round trip of two; the rows written stay nine. Where a flush costs little, or the processor is the bottleneck, little is saved.",
  },
  batch: {
    metric: "claim_many(50) + complete_many, tasks/s / R",
    floor: 2,
    aim: 4,
    sense: "min",
    why: "Fifty tasks share statements, round trips and commits; nine rows each are written all the same.",
  },
  bossSmall: {
    metric: "pair / pg-boss default, 1k backlog",
    floor: 1.3,
    aim: 2,
    sense: "min",
    why: "Both share one Node process with their driver; pg-boss rewrites one row twice and keeps no trail.",
  },
  bossLarge: {
    metric: "pair / pg-boss default, large backlog",
    floor: 20,
    aim: 100,
    sense: "min",
    why: "The goal supposes pg-boss's 22/s with 50,000 waiting on the reference machine; it was faster here.",
  },
  graphile: {
    metric: "advance / graphile-worker unbatched, 1k",
    floor: 1.2,
    aim: 1.5,
    sense: "min",
    why: "graphile-worker deletes the job's row and keeps nothing of it; an advance writes nine rows.",
  },
  graphilePinned: {
    metric: "advance / graphile-worker unbatched, xmin pinned",
    floor: 3,
    aim: 5,
    sense: "min",
    why: "The goal supposes that dead rows slow graphile-worker as on the reference machine; they did so less here.",
  },
  claimBuffers: {
    metric: "shared buffers of a whole claim_next, fresh",
    floor: 40,
    aim: 20,
    sense: "max",
    why: "Pages of the rows that a claim writes, with their indexes: the task's new version in its five, the event in three, the claim in four. What each statement touches stands in docs/claims.md.",
  },
  claimBuffersPinned: {
    metric: "shared buffers of a whole claim_next, xmin pinned",
    floor: 60,
    aim: 20,
    sense: "max",
    why: "As above; dead entries lengthen the way to the newest ones by a page here and there.",
  },
  claimBuffersBusy: {
    metric: "the same, by an agent that did the work",
    floor: 60,
    aim: 20,
    sense: "max",
    why: "As above: what the agent ended is not visited, its limit is looked up by key.",
  },
  pickBuffers: {
    metric: "shared buffers of its pick alone, fresh",
    floor: 40,
    aim: 20,
    sense: "max",
    why: "Not explained: the search is an index scan from the queue's head. A test gates its plan.",
  },
  pickBuffersPinned: {
    metric: "shared buffers of its pick alone, xmin pinned",
    floor: 60,
    aim: 20,
    sense: "max",
    why: "Not explained: the head leads past the dead rows. A test gates its plan and its buffers.",
  },
  latency: {
    metric: "claim latency on the server, largest / 1k backlog",
    floor: 1.5,
    aim: 1.2,
    sense: "max",
    why: "Not explained by the search, whose buffers do not grow. A checkpoint or cold pages within the samples would do it.",
  },
  heartbeat: {
    metric: "heartbeat / R",
    floor: 0.5,
    aim: 0.8,
    sense: "min",
    why: "A beat is a function call that looks for agent and lease first; R is the bare update.",
  },
  hot: {
    metric: "heartbeat HOT share",
    floor: 0.95,
    aim: 1,
    sense: "min",
    why: "Pages of the leases had no room when they were rewritten: vacuum had not kept up.",
  },
  next: {
    metric: "next over /muster/mcp, p95 / native MCP items.update, 16 agents without a pause",
    floor: 0.5,
    aim: 0.35,
    sense: "max",
    why: "What a call spends its time on stands in the verbs-profile page beside this one.",
  },
  nextPaced: {
    metric: "the same, each agent at its pace",
    floor: 0.5,
    aim: 0.35,
    sense: "max",
    why: "What a call spends its time on stands in the verbs-profile page beside this one.",
  },
  nextOverNoop: {
    metric: "next over /muster/mcp, p95 − no-op endpoint, ms, 16 agents without a pause",
    floor: 4,
    aim: 2,
    sense: "max",
    why: "At a full server every call waits for fifteen others, so that this is about sixteen times what a call costs more.",
  },
  nextOverNoopPaced: {
    metric: "the same, each agent at its pace",
    floor: 4,
    aim: 2,
    sense: "max",
    why: "What a call spends its time on stands in the verbs-profile page beside this one.",
  },
} as const satisfies Record<string, Goal>;

export interface Row extends Omit<Goal, "why"> {
  /** null: not measured in this run; `note` says why. */
  readonly value: number | null;
  readonly note: string;
  /** "not the asked form": measured, but with less than the goal speaks of. */
  readonly verdict: "aim met" | "floor met" | "missed" | "not measured" | "not the asked form";
  /** Only of a missed goal. */
  readonly why: string | null;
}

export const round = (value: number): number => Number(value.toPrecision(3));

/** @param isAsked false: measured with less than the goal speaks of, so that neither met nor missed would be true */
export function rowOf(name: keyof typeof GOALS, value: number | null, note: string, isAsked = true): Row {
  const { why, ...goal }: Goal = GOALS[name];
  const reaches = (limit: number) => value !== null && (goal.sense === "min" ? value >= limit : value <= limit);
  const judged = reaches(goal.aim) ? "aim met" : reaches(goal.floor) ? "floor met" : "missed";
  const verdict = value === null ? "not measured" : isAsked ? judged : "not the asked form";
  return {
    ...goal,
    value: value === null ? null : round(value),
    note,
    verdict,
    why: verdict === "missed" ? why : null,
  };
}
