/** Reads a page's rows at one instant and checks their shape at the border, so that the rest of the portal can trust its types. */
import type pg from "pg";
import { z } from "zod";
import { isPooled } from "../env.ts";
import type { Instant as PastInstant } from "../view/instant.ts";
import { type QueryName, SQL } from "./generated/sql.ts";
import { readKept } from "./kept-counts.ts";
import { pool } from "./pool.ts";
import { redact } from "./redaction.ts";
import { pastQuery, rewind } from "./replay.ts";
import { requestInstant } from "./request-instant.ts";

export interface Snapshot {
  /** All rows of a query, in its order. Throws when a row is not what the schema says. */
  list<Row>(query: QueryName, row: z.ZodType<Row>, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** The first row, or null. */
  find<Row>(query: QueryName, row: z.ZodType<Row>, values?: readonly unknown[]): Promise<Row | null>;
}

/**
 * A statement without optional filters is planned once for a connection: planning takes longer than most of them run. One with such filters is
 * planned for the filters that are set; a plan for all of them would compute what each might ask for.
 */
function presentQuery(query: QueryName): { readonly text: string; readonly name?: string } {
  const text = SQL[query];
  return text.includes("is null or") || isPooled() ? { text } : { text, name: query };
}

/**
 * Runs `read` in one read-only transaction on one connection: facts of a page never contradict each other. With `?at=` the same queries
 * read the board as it was at that instant; a view need not know.
 * @param at the instant; undefined: the one that the request asks for
 */
export async function readSnapshot<T>(read: (snapshot: Snapshot) => Promise<T>, at?: PastInstant | null): Promise<T> {
  const instant = at === undefined ? await requestInstant() : at;
  const client = await pool().connect();
  let failure: Error | undefined;
  let seen: string | null = null;
  const list: Snapshot["list"] = (query, row, values = []) =>
    readKept(seen, query, async () => {
      const { rows } = await client.query({
        ...(instant === null ? presentQuery(query) : { text: pastQuery(query) }),
        values: [...values],
      });
      return z.array(row).parse(rows.map(redact));
    });
  try {
    const begun = await begin(client);
    if (instant === null) seen = begun;
    else await rewind(client, instant);
    const result = await read({
      list,
      find: async (query, row, values) => (await list(query, row, values))[0] ?? null,
    });
    await client.query(SQL["snapshot.end"]);
    return result;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    await client.query(SQL["snapshot.abort"]).catch(() => undefined);
    throw error;
  } finally {
    client.release(failure);
  }
}

/** Answers what the transaction sees. */
async function begin(client: pg.PoolClient): Promise<string> {
  // Two statements in one message: `pg` answers a list then, which its types do not know.
  const answers: unknown = await client.query(SQL["snapshot.begin"]);
  return SeenRow.parse(z.array(z.object({ rows: z.array(z.unknown()) })).parse(answers)[1]?.rows[0]).seen;
}

const SeenRow = z.object({ seen: z.string() });

/** bigint and numeric arrive as text; the portal's counts stay far below 2^53. */
export const BigCount = z.coerce.number();
export const Instant = z.date();
export const TextList = z
  .array(z.string())
  .nullable()
  .transform((list) => list ?? []);
