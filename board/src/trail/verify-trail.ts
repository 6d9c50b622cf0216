import { z } from "zod";
import type { Queryable } from "../queryable.ts";
import { loadQuery } from "../sql-files.ts";
import type { ChainBreak } from "./chain-break.ts";
import { type Checkpoint, compareCheckpoint, type Heads, HeadsDigest } from "./checkpoint.ts";
import { checkEventChain, readEventChains } from "./event-chain.ts";
import { type BoardLife, judgeRestores } from "./judge-restores.ts";
import { checkReceiptChain, readReceiptChain } from "./receipt-chain.ts";
import { type KnownCheckpoint, momentOf, type Restore } from "./restore-record.ts";

const shortChain = z.object({
  entity: z.string(),
  entity_id: z.string(),
  name: z.string(),
  wanted: z.int(),
  chained: z.int(),
});
const horizonRow = z.object({
  below_xid: z.string(),
  last_id: z.string(),
  instance: z.string().nullable(),
  incarnation: z.int().nullable(),
});

/** A checkpoint that the board need not hold any more. */
export interface LostCheckpoint {
  readonly at: string;
  readonly last_id: string;
  readonly restored_at: string;
  readonly backup: string;
}

export interface EventsReport {
  readonly events: number;
  readonly chains: number;
  /** Checkpoints of this instance that were compared. */
  readonly checkpoints: number;
  /** Restores of this instance whose record is believed. */
  readonly restores: number;
  /** Of the checkpoints and restored boards, those that a later restore lost. */
  readonly lost: readonly LostCheckpoint[];
  /** First break of each chain; those of events in the order in which they happened. */
  readonly breaks: readonly ChainBreak[];
}

/** Recomputes every chain of events. Reads only; wants a transaction that sees one moment. */
export async function verifyEvents(db: Queryable, known: readonly KnownCheckpoint[]): Promise<EventsReport> {
  const board = lifeOf(await readHorizon(db));
  const ours = known.filter(({ checkpoint }) => checkpoint.instance === board.instance);
  const digests = ours.map(({ checkpoint }) => new HeadsDigest(checkpoint));
  const found: { readonly id: bigint; readonly broken: ChainBreak }[] = [];
  let events = 0;
  let chains = 0;
  for await (const chain of readEventChains(db)) {
    chains += 1;
    events += chain.length;
    for (const digest of digests) digest.add(chain);
    const broken = checkEventChain(chain);
    if (broken !== null) found.push(broken);
  }
  found.sort((a, b) => (a.id < b.id ? -1 : 1));
  const differences = new Map(
    ours.map((moment, at) => [moment, compareTo(moment, digests[at])] as const).filter(([, broken]) => broken !== null),
  );
  const { lost, believed, ignored, breaks: refused } = judgeRestores(known, board, (one) => !differences.has(one));
  const breaks = [...found.map(({ broken }) => broken), ...(await findShortChains(db)), ...refused];
  for (const [moment, broken] of differences) {
    if (broken === null || lost.has(moment) || ignored.has(moment)) continue;
    if (moment.restored !== undefined) breaks.push({ ...broken, code: "RESTORE_HEADS" });
    else if (!breaks.some(({ chain }) => chain === broken.chain)) breaks.push(broken);
  }
  return {
    events,
    chains,
    checkpoints: ours.filter(({ restored }) => restored === undefined).length,
    restores: believed.length,
    lost: [...lost].map(([{ checkpoint }, restore]) => lostCheckpoint(checkpoint, restore)),
    breaks,
  };
}

/** Which of the checkpoints this board holds, by `momentOf`: all their events, and their last receipt. Wants a transaction that sees one moment. */
export async function findHeld(db: Queryable, checkpoints: readonly Checkpoint[]): Promise<ReadonlySet<string>> {
  const digests = checkpoints.map((checkpoint) => new HeadsDigest(checkpoint));
  for await (const chain of readEventChains(db)) for (const digest of digests) digest.add(chain);
  const hashes = new Set((await readReceiptChain(db)).links.map(({ hash }) => hash));
  const held = checkpoints.filter(
    (checkpoint, at) =>
      compareTo({ checkpoint, heads: null }, digests[at]) === null && holdsReceipts(hashes, checkpoint),
  );
  return new Set(held.map(momentOf));
}

function compareTo({ checkpoint, heads }: KnownCheckpoint, digest: HeadsDigest | undefined): ChainBreak | null {
  return digest === undefined ? null : compareCheckpoint(checkpoint, digest.sum(), heads);
}

function holdsReceipts(hashes: ReadonlySet<string>, { receipts }: Checkpoint): boolean {
  return receipts.head === null || hashes.has(receipts.head);
}

function lostCheckpoint({ at, last_id }: Checkpoint, { at: restored_at, backup }: Restore): LostCheckpoint {
  return { at, last_id, restored_at, backup: backup.id };
}

/** Tasks that are further than their events, and receipts that no event tells of: a tail that was cut since the last checkpoint, too. */
async function findShortChains(db: Queryable): Promise<readonly ChainBreak[]> {
  const { rows } = await db.query(loadQuery("event.list-short-chains"));
  return z
    .array(shortChain)
    .parse(rows)
    .map(({ entity, entity_id, name, wanted, chained }) => ({
      chain: `${entity} ${entity_id}`,
      at: `version ${Math.min(chained + 1, wanted)}`,
      what: chained < wanted ? `${name} is further than its events` : `${name} is behind its events`,
      expected: `version ${wanted}`,
      found: chained === 0 ? "no event" : `version ${chained}`,
    }));
}

export interface ReceiptsReport {
  readonly receipts: number;
  readonly head: string | null;
  /** Checkpoints whose last receipt a restore lost. */
  readonly lost: readonly LostCheckpoint[];
  readonly breaks: readonly ChainBreak[];
}

/** Recomputes the chain of receipts. Reads only; wants a transaction that sees one moment. */
export async function verifyReceipts(db: Queryable, known: readonly KnownCheckpoint[]): Promise<ReceiptsReport> {
  const board = lifeOf(await readHorizon(db));
  const chain = await readReceiptChain(db);
  const hashes = new Set(chain.links.map(({ hash }) => hash));
  const isHeld = ({ checkpoint }: KnownCheckpoint) => holdsReceipts(hashes, checkpoint);
  const { lost, ignored, breaks: refused } = judgeRestores(known, board, isHeld);
  const cut = known.flatMap((moment): ChainBreak[] => {
    const { at, instance, receipts } = moment.checkpoint;
    if (instance !== board.instance || isHeld(moment) || lost.has(moment) || ignored.has(moment)) return [];
    const isRestore = moment.restored !== undefined;
    const what = `the last receipt that the ${isRestore ? "restored board" : "checkpoint"} of ${at} knew is gone`;
    const broken = { chain: "receipts", at: "the end", what, expected: receipts.head ?? "none" };
    return [{ ...broken, found: chain.head ?? "none", ...(isRestore ? { code: "RESTORE_HEADS" as const } : {}) }];
  });
  return {
    receipts: chain.links.length,
    head: chain.head,
    lost: [...lost].map(([{ checkpoint }, restore]) => lostCheckpoint(checkpoint, restore)),
    breaks: [...checkReceiptChain(chain), ...refused, ...cut],
  };
}

/**
 * What a checkpoint written now would say. Wants a transaction that sees one moment. `covers`: what has settled, below the oldest transaction
 * that still runs; or everything, for a board that nobody else can write to.
 */
export async function takeCheckpoint(
  db: Queryable,
  at: Date,
  covers: "settled" | "everything" = "settled",
): Promise<{ readonly checkpoint: Checkpoint; readonly heads: Heads }> {
  const horizon = await readHorizon(db, covers === "settled" ? "event.find-horizon" : "event.find-end");
  const { below_xid, last_id } = horizon;
  const digest = new HeadsDigest({ below_xid, last_id });
  for await (const chain of readEventChains(db)) digest.add(chain);
  const { all, ...sum } = digest.sum();
  const { links, head } = await readReceiptChain(db);
  const checkpoint: Checkpoint = {
    muster_checkpoint: 1,
    ...lifeOf(horizon),
    at: at.toISOString(),
    below_xid,
    last_id,
    ...sum,
    receipts: { count: links.length, head },
  };
  return { checkpoint, heads: all };
}

async function readHorizon(db: Queryable, query = "event.find-horizon"): Promise<z.infer<typeof horizonRow>> {
  const [row] = z.array(horizonRow).parse((await db.query(loadQuery(query))).rows);
  if (row === undefined) throw new Error("The board has no horizon.");
  return row;
}

function lifeOf({ instance, incarnation }: z.infer<typeof horizonRow>): BoardLife {
  return { instance: instance ?? "", incarnation: incarnation ?? 1 };
}
