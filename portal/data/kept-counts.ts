/**
 * What was counted over the whole board, kept for as long as nothing is written to the database: pages that are read meanwhile, one after the
 * other or one reader's after the other's, have it counted once. Exact, because what a transaction sees is compared, not a time.
 */
import type { QueryName } from "./generated/sql.ts";

/** Statements that count rows of the whole board, take no values and tell no time. */
const COUNTS: ReadonlySet<QueryName> = new Set(["instance.count", "task.list-groups", "task.list-facets"]);

interface Kept {
  readonly seen: string;
  /** Also while they are being counted: pages that ask together share one count. */
  readonly rows: Map<QueryName, Promise<readonly unknown[]>>;
}

/** The routes are separate bundles of one process; a global symbol lets them share what was counted. */
const SLOT: unique symbol = Symbol.for("muster.portal.kept-counts");
const slots: typeof globalThis & { [SLOT]?: Kept } = globalThis;

/**
 * The rows of a count as they were read by a transaction that saw the same, or those that `read` answers now.
 * @param seen what this transaction sees; null: it looks at another instant than it sees, and nothing is kept
 */
export async function readKept<Row>(
  seen: string | null,
  query: QueryName,
  read: () => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  if (seen === null || !COUNTS.has(query)) return read();
  const known = slots[SLOT];
  const kept: Kept = known?.seen === seen ? known : { seen, rows: new Map() };
  slots[SLOT] = kept;
  // One query always has rows of one shape, so that the caller knows the type.
  const counted = kept.rows.get(query) as Promise<readonly Row[]> | undefined;
  // Who counted may have been cut off for reasons of its own, such as its page's time.
  if (counted !== undefined) return (await counted.catch(() => null)) ?? read();
  const counting = read();
  kept.rows.set(query, counting);
  try {
    return await counting;
  } catch (error) {
    kept.rows.delete(query);
    throw error;
  }
}
