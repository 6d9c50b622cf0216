import type { Config } from "../config/schema.ts";

/** What is done beside the services again and again. An id names the chore's record and its log; permanent. */
export const CHORE_IDS = ["checkpoint"] as const;
export type ChoreId = (typeof CHORE_IDS)[number];

interface ChoreDef {
  readonly id: ChoreId;
  /** A verb of our own CLI that does nothing when there is nothing to do. */
  readonly args: readonly [string, ...string[]];
  /** Setting that holds the minutes from one start to the next; 0: never. */
  readonly intervalKey: "checkpointIntervalMinutes";
  /** A run that takes longer is ended, and has failed. */
  readonly limitMs: number;
}

/** Adding a chore is an id, a line here and a setting. */
const CHORES: readonly ChoreDef[] = [
  {
    id: "checkpoint",
    args: ["events", "checkpoint"],
    intervalKey: "checkpointIntervalMinutes",
    // It reads the whole trail: a few seconds for a hundred thousand events.
    limitMs: 15 * 60_000,
  },
];

/** A chore as the settings want it. */
export interface WantedChore extends Pick<ChoreDef, "id" | "args" | "limitMs"> {
  readonly intervalMs: number;
}

/** The chores that are switched on. */
export function choresOf(config: Config): readonly WantedChore[] {
  return CHORES.filter(({ intervalKey }) => config[intervalKey] > 0).map(({ id, args, intervalKey, limitMs }) => ({
    id,
    args,
    limitMs,
    intervalMs: config[intervalKey] * 60_000,
  }));
}
