/** The board's filters live in its address: every combination can be shared. */
import { type BoardFilter, FILTERS, type FilterName } from "../data/board.ts";
import { type Query, readText, withQuery } from "./query.ts";

export function parseFilter(query: Query): BoardFilter {
  const read = (name: FilterName) => readText(query, name);
  return { phase: read("phase"), agent: read("agent"), family: read("family"), priority: read("priority") };
}

/** How the board is cut into rows. */
export const LANES = ["agent", "phase", "priority"] as const;
export type LaneKind = (typeof LANES)[number];

/** Null: the plain kanban. */
export function parseLanes(query: Query): LaneKind | null {
  return LANES.find((lane) => lane === query["lanes"]) ?? null;
}

/** "/board?phase=P4&agent=a01"; without a filter and lanes "/board". */
export function boardPath(filter: BoardFilter, lanes: LaneKind | null = null): string {
  return withQuery("/board", { ...filter, lanes });
}

/** All tasks of one of the board's columns, as rows, most urgent first. */
export function columnPath(filter: BoardFilter, status: string): string {
  return withQuery("/list", { ...filter, status, order: "priority" });
}

export function isFiltered(filter: BoardFilter): boolean {
  return FILTERS.some((name) => filter[name] !== null);
}
