import type { SeedRow, SeedRows } from "./seed-schema.ts";

/** What a task's row says because of its claims and verdicts. Absent where it does not apply. Times are seed times. */
export interface TaskFacts {
  /** Failed verdicts so far. */
  readonly attempt: number;
  /** Agent that holds the task now. */
  readonly assigned_to?: string;
  readonly submitted_commit?: string;
  readonly submitted_artifact?: string;
  readonly submitted_at?: string;
  readonly submitted_by?: string;
  readonly verified_by?: string;
  readonly verified_at?: string;
  readonly done_at?: string;
}

/** Derives what a seed does not write down, so that a task can never contradict its own history. Pure. */
export function deriveTaskFacts(task: SeedRow<"tasks">, rows: SeedRows): TaskFacts {
  const claims = rows.claims.filter((claim) => claim.task === task.number).sort((a, b) => a.epoch - b.epoch);
  const verdicts = rows.verifications.filter((verdict) => verdict.task === task.number);
  const holder = claims.find((claim) => claim.ended_at === undefined);
  const awaitsVerdict = task.status === "in_review" || task.status === "done";
  const submission = awaitsVerdict ? claims.findLast((claim) => claim.ended_by === "submitted") : undefined;
  const passed = task.status === "done" ? verdicts.find((verdict) => verdict.verdict === "pass") : undefined;
  const review = claims.find((claim) => claim.epoch === passed?.epoch);
  return dropAbsent({
    attempt: verdicts.filter((verdict) => verdict.verdict === "fail").length,
    assigned_to: holder?.agent,
    submitted_commit: submission?.commit,
    submitted_artifact: submission?.artifact,
    submitted_at: submission?.ended_at,
    submitted_by: submission?.agent,
    verified_by: review?.agent,
    verified_at: review?.ended_at,
    done_at: review?.ended_at,
  });
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The same object without the keys whose value is undefined. */
export function dropAbsent<T extends { attempt: number }>(value: T): Present<T> & { attempt: number };
export function dropAbsent<T extends object>(value: T): Present<T>;
export function dropAbsent(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined));
}
