import { z } from "zod";
import type { Queryable } from "../queryable.ts";
import { loadQuery } from "../sql-files.ts";
import type { ChainBreak } from "./chain-break.ts";
import { type Checkpoint, compareCheckpoint, type Heads, HeadsDigest } from "./checkpoint.ts";
import { checkEventChain, readEventChains } from "./event-chain.ts";
import { checkReceiptChain, readReceiptChain } from "./receipt-chain.ts";

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

/** A checkpoint and, where they are kept, the heads that it was made of. */
export interface KnownCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly heads: Heads | null;
}

export interface EventsReport {
  readonly events: number;
  readonly chains: number;
  /** Checkpoints of this instance that were compared. */
  readonly checkpoints: number;
  /** First break of each chain; those of events in the order in which they happened. */
  readonly breaks: readonly ChainBreak[];
}

/** Recomputes every chain of events. Reads only; wants a transaction that sees one moment. */
export async function verifyEvents(db: Queryable, known: readonly KnownCheckpoint[]): Promise<EventsReport> {
  const { instance } = await readHorizon(db);
  const ours = known.filter(({ checkpoint }) => checkpoint.instance === (instance ?? ""));
  const digests = ours.map(({ checkpoint }) => new HeadsDigest(checkpoint));
  const found: { readonly id: bigint; readonly broken: ChainBreak }[] = [];
  let events = 0;
  let chains = 0;
  for await (const chain of readEventChains(db)) {
    chains += 1;
    events += chain.length;
    for (const digest of digests) digest.add(chain);
    const broken = checkEventChain(chain);
    if (broken !== null) found.push({ id: BigInt(chain[0].id), broken });
  }
  found.sort((a, b) => (a.id < b.id ? -1 : 1));
  const breaks = [...found.map(({ broken }) => broken), ...(await findShortChains(db))];
  ours.forEach(({ checkpoint, heads }, at) => {
    const sum = digests[at]?.sum();
    const broken = sum === undefined ? null : compareCheckpoint(checkpoint, sum, heads);
    if (broken !== null && !breaks.some(({ chain }) => chain === broken.chain)) breaks.push(broken);
  });
  return { events, chains, checkpoints: ours.length, breaks };
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
  readonly breaks: readonly ChainBreak[];
}

/** Recomputes the chain of receipts. Reads only; wants a transaction that sees one moment. */
export async function verifyReceipts(db: Queryable, known: readonly KnownCheckpoint[]): Promise<ReceiptsReport> {
  const { instance } = await readHorizon(db);
  const chain = await readReceiptChain(db);
  const hashes = new Set(chain.links.map(({ hash }) => hash));
  const cut = known
    .filter(({ checkpoint }) => checkpoint.instance === (instance ?? ""))
    .flatMap(({ checkpoint: { at, receipts } }): ChainBreak[] => {
      if (receipts.head === null || hashes.has(receipts.head)) return [];
      const what = `the last receipt that the checkpoint of ${at} knew is gone`;
      return [{ chain: "receipts", at: "the end", what, expected: receipts.head, found: chain.head ?? "none" }];
    });
  return { receipts: chain.links.length, head: chain.head, breaks: [...checkReceiptChain(chain), ...cut] };
}

/** What a checkpoint written now would say. Wants a transaction that sees one moment. */
export async function takeCheckpoint(
  db: Queryable,
  at: Date,
): Promise<{ readonly checkpoint: Checkpoint; readonly heads: Heads }> {
  const { below_xid, last_id, instance, incarnation } = await readHorizon(db);
  const digest = new HeadsDigest({ below_xid, last_id });
  for await (const chain of readEventChains(db)) digest.add(chain);
  const { all, ...sum } = digest.sum();
  const { links, head } = await readReceiptChain(db);
  const checkpoint: Checkpoint = {
    muster_checkpoint: 1,
    instance: instance ?? "",
    incarnation: incarnation ?? 1,
    at: at.toISOString(),
    below_xid,
    last_id,
    ...sum,
    receipts: { count: links.length, head },
  };
  return { checkpoint, heads: all };
}

async function readHorizon(db: Queryable): Promise<z.infer<typeof horizonRow>> {
  const [row] = z.array(horizonRow).parse((await db.query(loadQuery("event.find-horizon"))).rows);
  if (row === undefined) throw new Error("The board has no horizon.");
  return row;
}
