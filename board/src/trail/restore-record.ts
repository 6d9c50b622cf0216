import { z } from "zod";
import { type Checkpoint, checkpointSchema, type Heads } from "./checkpoint.ts";

/** What is known of a restore before the two boards are swapped. */
export const restoreFactsSchema = z.strictObject({
  muster_restore: z.literal(1),
  /** ISO 8601; just before the swap. */
  at: z.iso.datetime(),
  instance: z.string(),
  backup: z.strictObject({
    id: z.string(),
    instance: z.string(),
    incarnation: z.int(),
    created_at: z.iso.datetime(),
    /** The backup holds every transaction below it; null for one of a release that did not write it down. */
    below_xid: z.string().regex(/^\d+$/).nullable(),
  }),
  /** Of the replaced board, and of the one that took its place. */
  incarnation: z.strictObject({ before: z.int(), after: z.int() }),
  /** Name of the closed database that holds the replaced board. */
  kept: z.string(),
  /** The restored board as a checkpoint of all that it holds, taken before anybody could write to it. */
  board: checkpointSchema,
});
export type RestoreFacts = z.infer<typeof restoreFactsSchema>;

/** A restore's own entry in the log: checkpoints of the replaced board that the restored one does not hold are lost by it. */
export const restoreSchema = restoreFactsSchema.extend({
  lost: z.array(z.strictObject({ at: z.string(), heads: z.string() })),
});
export type Restore = z.infer<typeof restoreSchema>;

/** Why a record of a restore is not believed. Codes are permanent: scripts branch on them. */
export const RESTORE_FAULTS = {
  RESTORE_FOREIGN: "it is of another instance and speaks of this one's checkpoints",
  RESTORE_INCARNATION: "it tells of an incarnation that the board never had at that place",
  RESTORE_OVERREACHES: "it calls a checkpoint lost that the backup must hold",
  RESTORE_HEADS: "the board does not hold what was restored",
  RESTORE_UNCHAINED: "the log's chain does not cover it, or does not hold",
  RESTORE_UNWITNESSED: "the state folder knows of no such restore",
  RESTORE_UNRECORDED: "the board was restored, and the log does not tell of it",
} as const satisfies Readonly<Record<string, string>>;
export type RestoreFault = keyof typeof RESTORE_FAULTS;

/** A moment of the board that the log knows: a checkpoint, or a restore by the board that it put in place. In the log's order. */
export interface KnownCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The heads that it was made of, where they are kept. */
  readonly heads: Heads | null;
  /** With a restore: its record, and what its place in log and state folder already speaks against it. */
  readonly restored?: { readonly restore: Restore; readonly fault: RestoreFault | null };
}

/** Does the record call this checkpoint lost? Pure. */
export function namesLost({ lost }: Restore, { at, heads }: Pick<Checkpoint, "at" | "heads">): boolean {
  return lost.some((one) => one.at === at && one.heads === heads);
}

/**
 * May a restore of this backup lose the checkpoint? Not one that the backup must hold, for then somebody had cut or rewritten the board before it
 * was saved. Within one incarnation the order is that of transactions, not of clocks; a checkpoint of an earlier incarnation was saved unless
 * the restore that began the backup's own time had lost it. `earlier`: the restores of this instance before, in order. Pure.
 */
export function mayLose(
  { instance, backup, incarnation }: Omit<RestoreFacts, "board">,
  checkpoint: Checkpoint,
  earlier: readonly Restore[],
): boolean {
  if (checkpoint.incarnation >= incarnation.after) return false;
  if (backup.instance !== instance || checkpoint.incarnation > backup.incarnation) return true;
  if (checkpoint.incarnation < backup.incarnation) {
    const began = earlier.findLast((one) => one.incarnation.after <= backup.incarnation);
    return began !== undefined && namesLost(began, checkpoint);
  }
  if (backup.below_xid === null) return Date.parse(checkpoint.at) > Date.parse(backup.created_at);
  return BigInt(checkpoint.below_xid) > BigInt(backup.below_xid);
}

/** The record of a restore, to be appended after what the log knows. `held`: what the restored board still holds of it. Pure. */
export function recordRestore(
  facts: RestoreFacts,
  known: readonly Omit<KnownCheckpoint, "heads">[],
  held: ReadonlySet<string>,
): Restore {
  const earlier = known.flatMap(({ restored }) =>
    restored?.fault === null && restored.restore.instance === facts.instance ? [restored.restore] : [],
  );
  const lost = known.flatMap(({ checkpoint }) =>
    checkpoint.instance === facts.instance && !held.has(momentOf(checkpoint)) && mayLose(facts, checkpoint, earlier)
      ? [{ at: checkpoint.at, heads: checkpoint.heads }]
      : [],
  );
  return { ...facts, lost };
}

/** Names a checkpoint among all of a log. */
export const momentOf = ({ at, heads }: Pick<Checkpoint, "at" | "heads">): string => `${at} ${heads}`;
