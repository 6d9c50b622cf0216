import type { RestoreFacts } from "@muster/board/trail/restore-record";
import { keepHeads } from "../trail/checkpoints.ts";
import type { TrailPlaces } from "../trail/list-moments.ts";
import { writeWitness } from "../trail/restore-witness.ts";
import type { Backup } from "./backup-folder.ts";
import type { Incoming, RestoreInput } from "./restore-backup.ts";

/** Writes down in the state folder what is about to be put in place: who dies after the swap left enough to record it by. */
export function announceRestore(
  places: TrailPlaces,
  { backup, instanceId, replaces, keepAs }: Pick<RestoreInput, "backup" | "instanceId" | "replaces" | "keepAs">,
  { board, heads, database }: Incoming,
): void {
  keepHeads(places.heads, board, heads);
  const facts: RestoreFacts = {
    muster_restore: 1,
    at: board.at,
    instance: instanceId,
    backup: saved(backup),
    incarnation: { before: replaces, after: board.incarnation },
    kept: keepAs,
    board,
  };
  writeWitness(places.restores, { facts, database });
}

function saved({ id, manifest }: Backup): RestoreFacts["backup"] {
  const { instanceId: instance, incarnation, createdAt: created_at, belowXid } = manifest;
  return { id, instance, incarnation, created_at, below_xid: belowXid ?? null };
}
