/** Addresses: what a stranger's query says, and how a link writes it. Every view is its address, so that each can be shared. */

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Values come from a stranger's address; a long one is none. */
const MAX_LENGTH = 64;

/** One value, or null when it is absent, empty, repeated or longer than `max`. */
export function readText(query: Query, name: string, max = MAX_LENGTH): string | null {
  const value = query[name];
  return typeof value === "string" && value !== "" && value.length <= max ? value : null;
}

/** One of the given words, else the fallback. */
export function readWord<Word extends string>(
  query: Query,
  name: string,
  words: readonly Word[],
  fallback: Word,
): Word {
  return words.find((word) => word === query[name]) ?? fallback;
}

/** A whole number from 1 to `max`, else null. */
export function readCount(query: Query, name: string, max = 1_000_000_000): number | null {
  const value = readText(query, name);
  if (value === null || !/^[0-9]{1,10}$/.test(value)) return null;
  const count = Number(value);
  return count >= 1 && count <= max ? count : null;
}

/** "/list?status=ready&page=2"; null and the empty string are left out, the order is the caller's. */
export function withQuery(path: string, values: Readonly<Record<string, string | number | null>>): string {
  const query = Object.entries(values).flatMap(([name, value]) =>
    value === null || value === "" ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return query.length === 0 ? path : `${path}?${query.join("&")}`;
}
