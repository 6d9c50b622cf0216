/**
 * Writes as Directus makes them: user-created and user-updated forced to the caller, date-updated always sent, one statement
 * per call, as role muster_directus.
 */
import pg from "pg";

export type Fields = Readonly<Record<string, unknown>>;

const quote = (name: string): string => pg.escapeIdentifier(name);
const bound = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : value;

/** `PATCH /items/<table>`: returns the rows after the write, in no promised order. */
export async function patchItems(
  client: pg.Client,
  user: string | null,
  table: string,
  ids: readonly string[],
  fields: Fields,
): Promise<readonly pg.QueryResultRow[]> {
  const written = { ...fields, user_updated: user, date_updated: new Date() };
  const names = Object.keys(written);
  const assignments = names.map((name, index) => `${quote(name)} = $${index + 2}`).join(", ");
  const text = `update public.${quote(table)} set ${assignments} where id = any($1::uuid[]) returning *`;
  const { rows } = await client.query<pg.QueryResultRow>(text, [ids, ...Object.values(written).map(bound)]);
  return rows;
}

/** `POST /items/<table>`: returns the row. */
export async function createItem(
  client: pg.Client,
  user: string | null,
  table: string,
  fields: Fields,
): Promise<pg.QueryResultRow> {
  const written = { ...fields, user_created: user };
  const names = Object.keys(written);
  const text = `insert into public.${quote(table)} (${names.map(quote).join(", ")})
    values (${names.map((_, index) => `$${index + 1}`).join(", ")}) returning *`;
  const { rows } = await client.query<pg.QueryResultRow>(text, Object.values(written).map(bound));
  const [row] = rows;
  if (row === undefined) throw new Error(`Nothing was inserted into ${table}.`);
  return row;
}
