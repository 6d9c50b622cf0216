/**
 * The last reading of each page, kept in this process for the time when the board cannot be read: an old board that says how old it is
 * helps more than none. Nothing of it is written to disk, and a page of the past is never kept.
 */

/** Pages that are remembered; the one that was asked for longest ago makes room. A board of 500 cards takes about 0.5 MB. */
const LIMIT = 24;

/** proxy.ts and the pages are separate bundles of one process; a global symbol lets them share what is remembered. */
const SLOT: unique symbol = Symbol.for("muster.portal.last-reading");
const slots: typeof globalThis & { [SLOT]?: Map<string, unknown> } = globalThis;

function readings(): Map<string, unknown> {
  slots[SLOT] ??= new Map();
  return slots[SLOT];
}

/** @param page path and query that name the reading */
export function rememberReading(page: string, facts: unknown): void {
  const known = readings();
  known.delete(page);
  known.set(page, facts);
  for (const [oldest] of known) {
    if (known.size <= LIMIT) break;
    known.delete(oldest);
  }
}

export function hasReading(page: string): boolean {
  return readings().has(page);
}

/** What the same page's `read` answered last, or null. One page always reads the same shape, so that the caller knows the type. */
export function lastReading<T>(page: string): T | null {
  return (readings().get(page) as T | undefined) ?? null;
}
