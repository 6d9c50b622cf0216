/** The gap between proxy.ts's question and a page's own reading: a database that goes away in between is an outage, not a crash. */
import { type BoardProblem, problemOf } from "./board-health.ts";

export type Served<T> = { readonly facts: T } | { readonly problem: BoardProblem };

/** Throws what is no outage, such as a row of an unknown shape: that is a fault of ours. */
export async function serveFacts<T>(read: () => Promise<T>): Promise<Served<T>> {
  try {
    return { facts: await read() };
  } catch (error) {
    const problem = problemOf(error);
    if (problem === "database_unreachable" || problem === "database_refused" || problem === "schema_absent")
      return { problem };
    throw error;
  }
}
