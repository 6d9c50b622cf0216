/** How the database's clock and the clients' differ, so that what clients were told can be laid beside what the board recorded. */
import { z } from "zod";
import type { Queryable } from "../queryable.ts";
import { loadQuery } from "../sql-files.ts";
import type { Clocks } from "./history.ts";

/** The quickest of so many round trips says it best. */
const TRIPS = 7;

const nowRow = z.tuple([z.object({ now: z.number() })]);

/** @param now the monotonic clock of the history's calls, in milliseconds */
export async function compareClocks(db: Queryable, now: () => number): Promise<Clocks> {
  let best: Clocks = { aheadMs: 0, withinMs: Number.POSITIVE_INFINITY };
  for (let trip = 0; trip < TRIPS; trip += 1) {
    const asked = now();
    const { rows } = await db.query(loadQuery("history.read-clock"));
    const withinMs = (now() - asked) / 2;
    // The database looked at its clock somewhere between question and answer.
    if (withinMs < best.withinMs) best = { aheadMs: nowRow.parse(rows)[0].now - asked - withinMs, withinMs };
  }
  return best;
}
