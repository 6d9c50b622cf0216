import { z } from "zod";
import type { Queryable } from "../queryable.ts";
import { loadQuery } from "../sql-files.ts";
import { type ChainBreak, hashLink, receiptName } from "./chain-break.ts";

const link = z.object({
  number: z.int(),
  task: z.string(),
  prev_hash: z.string().nullable(),
  hash: z.string(),
  payload: z.string(),
});
export type ReceiptLink = z.infer<typeof link>;

const head = z.object({ hash: z.string().nullable() });
const lost = z.object({ number: z.int(), hash: z.string() });

/** Everything that is known of the chain of receipts. */
export interface ReceiptChain {
  /** By number. */
  readonly links: readonly ReceiptLink[];
  /** What the board says is the last one's hash; null before the first. */
  readonly head: string | null;
  /** Receipts that the events tell of and that are gone. */
  readonly lost: readonly { readonly number: number; readonly hash: string }[];
}

/** Needs one transaction's view. */
export async function readReceiptChain(db: Queryable): Promise<ReceiptChain> {
  const links = z.array(link).parse((await db.query(loadQuery("receipt.list-links"))).rows);
  const [row] = z.array(head).parse((await db.query(loadQuery("receipt.find-head"))).rows);
  const gone = z.array(lost).parse((await db.query(loadQuery("receipt.list-lost"))).rows);
  return { links, head: row?.hash ?? null, lost: gone };
}

/** Breaks in the order of the chain, the first one first. Empty: it is whole. Pure. */
export function checkReceiptChain({ links, head: wantedHead, lost: gone }: ReceiptChain): readonly ChainBreak[] {
  const breaks: ChainBreak[] = [];
  const note = (number: number, what: string, expected: string, found: string) =>
    breaks.push({ chain: "receipts", at: receiptName(number), what, expected, found });
  const left = new Map(links.map((receipt) => [receipt.prev_hash, receipt]));
  const twins = links.filter((receipt) => left.get(receipt.prev_hash) !== receipt);
  for (const { number, prev_hash } of twins)
    note(number, "another receipt follows the same one", "one", prev_hash ?? "none");
  let last: ReceiptLink | null = null;
  while (left.size > 0) {
    const wanted: string | null = last?.hash ?? null;
    const follower: ReceiptLink | undefined = left.get(wanted);
    const next: ReceiptLink | undefined = follower ?? left.values().next().value;
    if (next === undefined) break;
    if (follower === undefined) {
      const missing = gone.find(({ hash }) => hash === next.prev_hash);
      if (missing !== undefined) note(missing.number, "it is missing", missing.hash, "no such receipt");
      else note(next.number, "it does not follow the one before", wanted ?? "none", next.prev_hash ?? "none");
    }
    const content = hashLink("muster-receipt/1", next.prev_hash, next.payload);
    if (content !== next.hash) note(next.number, "its content was changed", next.hash, content);
    left.delete(next.prev_hash);
    last = next;
  }
  const named = new Set(breaks.map(({ at }) => at));
  for (const { number, hash } of gone.filter((receipt) => !named.has(receiptName(receipt.number)))) {
    note(number, "it is missing at the end of the chain", hash, last?.hash ?? "none");
  }
  if (breaks.length === 0 && wantedHead !== (last?.hash ?? null)) {
    note(last?.number ?? 0, "the chain ends before its recorded head", wantedHead ?? "none", last?.hash ?? "none");
  }
  return breaks;
}
