import type { Queryable } from "@muster/board/queryable";
import type { ChainBreak } from "@muster/board/trail/chain-break";
import { faultOf } from "@muster/board/trail/judge-restores";
import { type Restore, type RestoreFacts, recordRestore } from "@muster/board/trail/restore-record";
import { findHeld } from "@muster/board/trail/verify-trail";
import { z } from "zod";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { appendLogIf } from "../memory/append-log.ts";
import { counted } from "../output/counted.ts";
import { listMoments, type Moment, type TrailPlaces } from "./list-moments.ts";
import { dropWitness, isWitnessOf, listWitnesses, type RestoreWitness } from "./restore-witness.ts";

const lifeRow = z.object({ database: z.string(), incarnation: z.int().nullable() });

/**
 * Appends the record of a restore that took place and that the log does not tell of, as one leaves that died after the swap. Twice at once is as good as
 * once. Wants a transaction that sees one moment. Answers the log's file, or null when nothing was to be told.
 * @throws CliError LOCK_HELD; errors of the file system: the next run tells it
 */
export async function recordRestores(db: Queryable, places: TrailPlaces): Promise<string | null> {
  const [witness] = await findUnrecorded(db, places);
  if (witness === undefined) return null;
  const { facts } = witness;
  const known = listMoments(places).map(({ checkpoint }) => checkpoint);
  const held = await findHeld(
    db,
    known.filter(({ instance }) => instance === facts.instance),
  );
  const appended = await appendLogIf(places.log, () => {
    const told = findRecord(listMoments(places), witness);
    if (told?.isChained) return null;
    const title = `Restored backup ${facts.backup.id}`;
    // Its text is there: the chain takes it up with what follows it.
    if (told !== undefined) return { title, body: "The entry before this one is its record." };
    const restore = recordRestore(facts, listMoments(places), held);
    return { title, body: `${describe(restore)}\n\n${JSON.stringify(restore)}` };
  });
  return appended?.path ?? null;
}

/** Restores that this board went through and that the log does not tell of, each as a break. Wants a transaction that sees one moment. */
export async function unrecordedBreaks(db: Queryable, places: TrailPlaces): Promise<readonly ChainBreak[]> {
  const unrecorded = await findUnrecorded(db, places);
  return unrecorded.map(({ facts }) =>
    faultOf("RESTORE_UNRECORDED", facts, { expected: "its record in log/", found: "none: elk-os events checkpoint" }),
  );
}

/** Forgets restores that died before the swap. The caller holds the lock, so that none is under way. */
export async function dropUnfinished(db: Queryable, places: TrailPlaces): Promise<void> {
  const witnesses = listWitnesses(places.restores);
  if (witnesses.length === 0) return;
  const { incarnation } = await readLife(db);
  const moments = listMoments(places);
  const unfinished = witnesses.filter(
    (witness) =>
      witness.facts.incarnation.after > (incarnation ?? 1) && findRecord(moments, witness)?.isChained !== true,
  );
  for (const witness of unfinished) dropWitness(places.restores, witness);
}

/** Highest incarnation that a restore of this state folder began; 0 before the first. Above the board's where somebody renamed the kept database back by hand. */
export function highestTold({ restores }: Pick<TrailPlaces, "restores">): number {
  return listWitnesses(restores).at(-1)?.facts.incarnation.after ?? 0;
}

/** Oid of the database that the connection is to, as text. */
export async function findDatabase(db: Queryable): Promise<string> {
  return (await readLife(db)).database;
}

async function findUnrecorded(db: Queryable, places: TrailPlaces): Promise<readonly RestoreWitness[]> {
  const witnesses = listWitnesses(places.restores);
  if (witnesses.length === 0) return [];
  const { database, incarnation } = await readLife(db);
  const moments = listMoments(places);
  return witnesses.filter(
    (witness) =>
      witness.database === database &&
      witness.facts.incarnation.after <= (incarnation ?? 1) &&
      findRecord(moments, witness)?.isChained !== true,
  );
}

function findRecord(moments: readonly Moment[], witness: RestoreWitness): Moment | undefined {
  return moments.find(({ restored }) => restored !== undefined && isWitnessOf(witness, restored.restore));
}

async function readLife(db: Queryable): Promise<z.infer<typeof lifeRow>> {
  return lifeRow.parse((await db.query(readSql("database.life"))).rows[0]);
}

function describe({ backup, incarnation, board, kept, lost }: RestoreFacts & Pick<Restore, "lost">): string {
  const gone =
    lost.length === 0 ? "No checkpoint is lost by it." : `Lost by it: ${counted(lost.length, "checkpoint")}.`;
  return `The board of ${backup.created_at} is in place, as incarnation ${incarnation.after} after ${incarnation.before}: ${board.events} events in ${board.chains} chains, ${board.receipts.count} receipts. The replaced board is the closed database ${kept}. ${gone}`;
}
