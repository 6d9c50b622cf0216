/** The board's filters live in its address: every combination can be shared. */
import { type BoardFilter, FILTERS, type FilterName } from "../data/board.ts";

/** Values come from a stranger's address; a long one is no filter. */
const MAX_LENGTH = 64;

export function parseFilter(query: Readonly<Record<string, string | readonly string[] | undefined>>): BoardFilter {
  const read = (name: FilterName) => {
    const value = query[name];
    return typeof value === "string" && value !== "" && value.length <= MAX_LENGTH ? value : null;
  };
  return { phase: read("phase"), agent: read("agent"), family: read("family"), priority: read("priority") };
}

/** "/board?phase=P4&agent=a01"; without a filter "/board". */
export function boardPath(filter: BoardFilter): string {
  const query = FILTERS.flatMap((name) => {
    const value = filter[name];
    return value === null ? [] : [`${name}=${encodeURIComponent(value)}`];
  });
  return query.length === 0 ? "/board" : `/board?${query.join("&")}`;
}

export function isFiltered(filter: BoardFilter): boolean {
  return FILTERS.some((name) => filter[name] !== null);
}
