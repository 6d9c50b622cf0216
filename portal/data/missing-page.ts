/**
 * Pages of one row, asked after before they are rendered: a page that finds out by itself that it has no row is rendered by the
 * browser alone, and a reader without JavaScript would see nothing.
 */
import { parseNumber } from "../view/links.ts";
import { type QueryName, SQL } from "./generated/sql.ts";
import { pool } from "./pool.ts";

/** What stands beside them under a name with a dot is a feed. */
const ROWS: readonly { readonly path: RegExp; readonly prefix: string; readonly query: QueryName }[] = [
  { path: /^\/tasks\/([^/.]+)$/, prefix: "", query: "task.exists" },
  { path: /^\/receipts\/([^/.]+)$/, prefix: "r-", query: "receipt.exists" },
];

/** True when this path names one row and there is none that may be seen. False for every other path, and when nobody could be asked. */
export async function isMissingPage(pathname: string): Promise<boolean> {
  for (const { path, prefix, query } of ROWS) {
    const name = path.exec(pathname)?.[1];
    if (name === undefined) continue;
    const number = parseNumber(name, prefix);
    if (number === null) return true;
    try {
      const { rows } = await pool().query<{ exists: boolean }>(SQL[query], [number]);
      return rows[0]?.exists === false;
    } catch {
      return false;
    }
  }
  return false;
}
