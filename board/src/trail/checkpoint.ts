import { createHash } from "node:crypto";
import { z } from "zod";
import type { ChainBreak } from "./chain-break.ts";
import type { EventLink } from "./event-chain.ts";

const entityHeads = z.strictObject({ chains: z.int(), events: z.int(), digest: z.string() });

/**
 * What the board knew at one moment: of each entity how many chains and events, and a digest over all their last hashes. It covers the events
 * up to `last_id` of transactions below `below_xid`, so that nothing that commits later belongs to it.
 */
export const checkpointSchema = z.strictObject({
  muster_checkpoint: z.literal(1),
  instance: z.string(),
  incarnation: z.int(),
  at: z.string(),
  below_xid: z.string().regex(/^\d+$/),
  last_id: z.string().regex(/^\d+$/),
  events: z.int(),
  chains: z.int(),
  entities: z.record(z.string(), entityHeads),
  receipts: z.strictObject({ count: z.int(), head: z.string().nullable() }),
  /** Digest over the digests: two checkpoints with the same one say the same. */
  heads: z.string(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** Up to where a checkpoint looks. */
export type Horizon = Pick<Checkpoint, "below_xid" | "last_id">;

/** The last link of each chain, by entity and id. */
export const headsSchema = z.record(z.string(), z.record(z.string(), z.tuple([z.int(), z.string()])));
export type Heads = z.infer<typeof headsSchema>;

/** Sums up the chains up to a horizon, given one after the other by entity and id. */
export class HeadsDigest {
  readonly #horizon: Horizon;
  readonly #sums = new Map<string, { chains: number; events: number; hash: ReturnType<typeof createHash> }>();
  readonly #heads: Record<string, Record<string, [number, string]>> = {};

  constructor(horizon: Horizon) {
    this.#horizon = horizon;
  }

  add(chain: readonly EventLink[]): void {
    const seen = chain.filter(
      ({ id, xid }) => BigInt(id) <= BigInt(this.#horizon.last_id) && BigInt(xid) < BigInt(this.#horizon.below_xid),
    );
    const last = seen.at(-1);
    if (last === undefined) return;
    const sum = this.#sums.get(last.entity) ?? { chains: 0, events: 0, hash: createHash("sha256") };
    this.#sums.set(last.entity, sum);
    sum.chains += 1;
    sum.events += seen.length;
    sum.hash.update(`${last.entity_id} ${last.version} ${last.hash}\n`);
    const heads = this.#heads[last.entity] ?? {};
    this.#heads[last.entity] = heads;
    heads[last.entity_id] = [last.version, last.hash];
  }

  sum(): Pick<Checkpoint, "events" | "chains" | "entities" | "heads"> & { readonly all: Heads } {
    const entities = Object.fromEntries(
      [...this.#sums].map(([entity, { chains, events, hash }]) => [
        entity,
        { chains, events, digest: hash.copy().digest("hex") },
      ]),
    );
    const parts = Object.values(entities);
    return {
      events: parts.reduce((total, { events }) => total + events, 0),
      chains: parts.reduce((total, { chains }) => total + chains, 0),
      entities,
      heads: digestOfEntities(entities),
      all: this.#heads,
    };
  }
}

function digestOfEntities(entities: Checkpoint["entities"]): string {
  const lines = Object.entries(entities)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([entity, { chains, events, digest }]) => `${entity} ${chains} ${events} ${digest}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

/**
 * What of a checkpoint is no longer so; null when all is. With `known`, the heads that it was made of, the chain is named; without, the entity.
 * Pure.
 */
export function compareCheckpoint(
  checkpoint: Checkpoint,
  now: ReturnType<HeadsDigest["sum"]>,
  known: Heads | null,
): ChainBreak | null {
  const moment = `the checkpoint of ${checkpoint.at}`;
  for (const [entity, wanted] of Object.entries(checkpoint.entities)) {
    const found = now.entities[entity];
    if (found?.digest === wanted.digest && found.events === wanted.events) continue;
    for (const [id, [version, hash]] of Object.entries(known?.[entity] ?? {})) {
      const [atVersion, atHash] = now.all[entity]?.[id] ?? [0, "nothing"];
      if (atVersion === version && atHash === hash) continue;
      const what = atVersion < version ? `its end was cut since ${moment}` : `it was rewritten since ${moment}`;
      const said = (number: number, text: string) => (number === 0 ? text : `version ${number} ${text}`);
      const at = `version ${Math.min(version, atVersion + 1)}`;
      return { chain: `${entity} ${id}`, at, what, expected: said(version, hash), found: said(atVersion, atHash) };
    }
    const said = (part: typeof wanted | undefined) =>
      part === undefined ? "none" : `${part.events} events in ${part.chains} chains, ${part.digest}`;
    const what = `events were cut or rewritten since ${moment}`;
    return { chain: entity, at: "one of its chains", what, expected: said(wanted), found: said(found) };
  }
  return null;
}
