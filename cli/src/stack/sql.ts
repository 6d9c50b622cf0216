import { readFileSync } from "node:fs";
import type { QueryResultRow } from "pg";
import type { Connections } from "./connections.ts";
import type { DatabaseRole } from "./database-roles.ts";

const FOLDER = new URL("../../sql/", import.meta.url);

/** Runs `cli/sql/<name>.sql` as that role and answers its rows. @throws what pg throws; the caller judges. */
export async function queryRows<Row extends QueryResultRow>(
  connections: Connections,
  role: DatabaseRole,
  name: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const text = readFileSync(new URL(`${name}.sql`, FOLDER), "utf8");
  const { rows } = await connections.pool(role).query<Row>(text, [...values]);
  return rows;
}
