/** Reads a page's rows at one instant and checks their shape at the border, so that the rest of the portal can trust its types. */
import { z } from "zod";
import { type QueryName, SQL } from "./generated/sql.ts";
import { pool } from "./pool.ts";

export interface Snapshot {
  /** All rows of a query, in its order. Throws when a row is not what the schema says. */
  list<Row>(query: QueryName, row: z.ZodType<Row>, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** The first row, or null. */
  find<Row>(query: QueryName, row: z.ZodType<Row>, values?: readonly unknown[]): Promise<Row | null>;
}

/** Runs `read` in one read-only transaction on one connection: facts of a page never contradict each other. */
export async function readSnapshot<T>(read: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const client = await pool().connect();
  let failure: Error | undefined;
  const list: Snapshot["list"] = async (query, row, values = []) => {
    const { rows } = await client.query({ text: SQL[query], values: [...values] });
    return z.array(row).parse(rows);
  };
  try {
    await client.query(SQL["snapshot.begin"]);
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

/** bigint and numeric arrive as text; the portal's counts stay far below 2^53. */
export const BigCount = z.coerce.number();
export const Instant = z.date();
export const TextList = z
  .array(z.string())
  .nullable()
  .transform((list) => list ?? []);
