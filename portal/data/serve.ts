/** The gap between proxy.ts's question and a page's own reading: a database that goes away in between is an outage, not a crash. */
import { headers } from "next/headers";
import { AT_HEADER, PAGE_HEADER } from "../request-headers.ts";
import { type BoardProblem, problemOf } from "./board-health.ts";
import { lastReading, rememberReading } from "./last-reading.ts";
import { requestOutage } from "./request-outage.ts";

export type Served<T> = { readonly facts: T } | { readonly problem: BoardProblem };

const OUTAGES: ReadonlySet<BoardProblem> = new Set([
  "database_unreachable",
  "database_refused",
  "database_slow",
  "schema_absent",
  "right_missing",
]);
/** A board without its schema is a new one, whose past is not what was read before; a right that was taken away is not to be had from memory. */
const WITHOUT_MEMORY: ReadonlySet<BoardProblem> = new Set(["schema_absent", "right_missing"]);

/** Throws what is no outage, such as a row of an unknown shape: that is a fault of ours. */
export async function serveFacts<T>(read: () => Promise<T>): Promise<Served<T>> {
  try {
    return { facts: await read() };
  } catch (error) {
    const problem = problemOf(error);
    if (OUTAGES.has(problem)) return { problem };
    throw error;
  }
}

/** The same for a page, which in an outage shows its last reading, and says so: `Frame` asks `requestOutage`. */
export async function serveView<T>(read: () => Promise<T>): Promise<Served<T>> {
  const request = await headers();
  const page = request.get(AT_HEADER) === null ? request.get(PAGE_HEADER) : null;
  const served = await serveFacts(read);
  if (page === null) return served;
  if ("facts" in served) {
    rememberReading(page, served.facts);
    return served;
  }
  const last = WITHOUT_MEMORY.has(served.problem) ? null : lastReading<T>(page);
  if (last === null) return served;
  requestOutage().problem = served.problem;
  return { facts: last };
}
