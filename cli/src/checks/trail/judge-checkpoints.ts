import type { Checkpoint } from "@muster/board/trail/checkpoint";
import type { ChoreStatus } from "../../drivers/driver.ts";
import { counted } from "../../output/counted.ts";
import { type Finding, fail, pass } from "../check.ts";

/** One interval passes before the first run, and a run may fail once and be late once before anybody must look. */
export const INTERVALS_ALLOWED = 3;

export interface CheckpointFacts {
  /** Null: nobody carries it out. */
  readonly chore: ChoreStatus | null;
  /** The instance's last checkpoint in the log. */
  readonly last: Pick<Checkpoint, "at" | "last_id"> | null;
  /** Events older than the allowed intervals that it does not cover. */
  readonly uncovered: { readonly events: number; readonly oldest: Date | null };
  readonly now: Date;
}

/**
 * Do checkpoints keep up? Events count as late only when the supervisor had that long: a board that is started, imported or restored brings old
 * ones with it. Pure.
 */
export function judgeCheckpoints({ chore, last, uncovered, now }: CheckpointFacts): Finding {
  if (chore === null) return fail("the supervisor does not take checkpoints");
  const { intervalMs, since, nextAt } = chore;
  const known = last === null ? "no checkpoint yet" : `last checkpoint ${last.at}, up to event ${last.last_id}`;
  const failure = chore.last?.failure ?? null;
  if (failure !== null) return fail(`the run of ${chore.last?.startedAt} failed: ${failure}; ${known}`);
  const hadTime = (from: string) => now.getTime() - Date.parse(from) > INTERVALS_ALLOWED * intervalMs;
  if (hadTime(nextAt)) return fail(`the run that was due at ${nextAt} has not ended; ${known}`);
  if (uncovered.events > 0 && hadTime(since)) {
    const oldest = uncovered.oldest?.toISOString() ?? "unknown";
    return fail(
      `${counted(uncovered.events, "event is", "events are")} in no checkpoint, the oldest of ${oldest}; ${known}`,
      {
        expected: `none older than ${(INTERVALS_ALLOWED * intervalMs) / 60_000} min`,
      },
    );
  }
  return pass(`${known}; every ${intervalMs / 60_000} min, next at ${nextAt}`);
}
