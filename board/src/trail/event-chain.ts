import { z } from "zod";
import type { Queryable } from "../queryable.ts";
import { loadQuery } from "../sql-files.ts";
import { type ChainBreak, hashLink } from "./chain-break.ts";

const link = z.object({
  id: z.string(),
  xid: z.string(),
  entity: z.string(),
  entity_id: z.string(),
  version: z.int(),
  prev_hash: z.string().nullable(),
  hash: z.string(),
  payload: z.string(),
});

/** One event as its chain sees it; `id` and `xid` are decimal text. */
export type EventLink = z.infer<typeof link>;

const BATCH = 2_000;
const BEFORE_ALL = "00000000-0000-0000-0000-000000000000";

/** Every chain of events, one after the other by entity and id, each whole and by version. Needs one transaction's view. */
export async function* readEventChains(db: Queryable): AsyncGenerator<readonly [EventLink, ...EventLink[]]> {
  const text = loadQuery("event.list-links");
  let last: Pick<EventLink, "entity" | "entity_id" | "version"> = { entity: "", entity_id: BEFORE_ALL, version: 0 };
  let chain: [EventLink, ...EventLink[]] | null = null;
  for (;;) {
    const { rows } = await db.query(text, [last.entity, last.entity_id, last.version, BATCH]);
    for (const row of z.array(link).parse(rows)) {
      if (chain !== null && chain[0].entity_id === row.entity_id && chain[0].entity === row.entity) chain.push(row);
      else {
        if (chain !== null) yield chain;
        chain = [row];
      }
      last = row;
    }
    if (rows.length < BATCH) break;
  }
  if (chain !== null) yield chain;
}

/** The first link of a chain that does not hold, with the event at which that shows; or null. Pure. */
export function checkEventChain(
  chain: readonly EventLink[],
): { readonly id: bigint; readonly broken: ChainBreak } | null {
  let previous: EventLink | null = null;
  for (const event of chain) {
    const wrong = wrongLink(event, previous);
    if (wrong !== null) {
      return { id: BigInt(event.id), broken: { chain: `${event.entity} ${event.entity_id}`, ...wrong } };
    }
    previous = event;
  }
  return null;
}

function wrongLink(event: EventLink, previous: EventLink | null): Omit<ChainBreak, "chain"> | null {
  const wanted = (previous?.version ?? 0) + 1;
  if (event.version !== wanted) {
    const [expected, found] = [`version ${wanted}`, `version ${event.version}, event ${event.id}`];
    return { at: `version ${wanted}`, what: "it is missing", expected, found };
  }
  const at = `version ${event.version}`;
  const content = hashLink("muster-event/1", event.prev_hash, event.payload);
  if (content !== event.hash) return { at, what: "its content was changed", expected: event.hash, found: content };
  if (event.prev_hash !== (previous?.hash ?? null)) {
    const found = event.prev_hash ?? "none";
    return { at, what: "it does not follow the one before", expected: previous?.hash ?? "none", found };
  }
  if (previous !== null && BigInt(event.id) <= BigInt(previous.id)) {
    const [expected, found] = [`an event above ${previous.id}`, `event ${event.id}`];
    return { at, what: "it was moved to before its own predecessor", expected, found };
  }
  return null;
}
