import type pg from "pg";
import { z } from "zod";
import { readSql } from "../drivers/embedded/read-sql.ts";
import type { DatabaseFacts } from "./manifest.ts";

/** Opens one connection of the superuser to a database of one server; ended when `work` ends. */
export type WithDatabase = <T>(database: string, work: (client: pg.Client) => Promise<T>) => Promise<T>;

const tableRow = z.object({
  name: z.string(),
  rows: z.string(),
  content: z.string(),
  copy_out: z.string(),
  copy_in: z.string(),
});
export type TableRow = z.infer<typeof tableRow>;

/** Settings and functions of this session that reading and loading rely on. */
export async function prepareSession(client: pg.Client): Promise<void> {
  await client.query(readSql("backup.session"));
}

/** Counts and hashes every row: reads the whole database once. */
export async function readTables(client: pg.Client): Promise<readonly TableRow[]> {
  return z.array(tableRow).parse((await client.query(readSql("backup.tables"))).rows);
}

/** @throws what pg throws */
export async function readFacts(client: pg.Client): Promise<DatabaseFacts> {
  const tables = await readTables(client);
  return {
    tables: tables.map(({ name, rows, content }) => ({ name, rows, content })),
    sequences: await readSequences(client),
    catalog: await readColumn(client, "backup.catalog", "line"),
  };
}

export async function readSequences(client: pg.Client): Promise<DatabaseFacts["sequences"]> {
  const rows = z
    .array(z.object({ name: z.string(), last_value: z.string().nullable() }))
    .parse((await client.query(readSql("backup.sequences"))).rows);
  return rows.map(({ name, last_value: lastValue }) => ({ name, lastValue }));
}

/** One text column of `cli/sql/<query>.sql`. */
export async function readColumn(client: pg.Client, query: string, column: string): Promise<readonly string[]> {
  const { rows } = await client.query<Record<string, unknown>>(readSql(query));
  return rows.map((row) => z.string().parse(row[column]));
}

/** Runs the statement that `cli/sql/<query>.sql` makes of names: those cannot be parameters of CREATE DATABASE and the like. */
export async function runMade(client: pg.Client, query: string, names: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(readSql(query), [...names]);
  for (const { statement } of rows) await client.query(statement);
}
