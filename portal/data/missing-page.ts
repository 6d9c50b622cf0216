/**
 * Pages that are not there, found out before they are rendered: a page that finds out by itself is rendered by the browser alone, and a
 * reader without JavaScript would see nothing.
 */
import { z } from "zod";
import { readProfile } from "../profile.ts";
import { isShown } from "../shown-places.ts";
import type { Instant } from "../view/instant.ts";
import { parseNumber } from "../view/links.ts";
import { PLACES } from "../view/places.ts";
import type { QueryName } from "./generated/sql.ts";
import { readSnapshot } from "./snapshot.ts";

interface Row {
  readonly query: QueryName;
  /** Null: the address names no row of this kind. */
  readonly values: readonly (string | number)[] | null;
}

/** Feeds and JSON stand beside the pages and answer for themselves. */
const MACHINE = /\.(xml|atom|json)$/;
const ExistsRow = z.object({ exists: z.boolean() });

/** The row that a page shows; null for a page of no single row. */
function rowOf(pathname: string): Row | null {
  const [, kind, ...names] = pathname.split("/");
  const [name = ""] = names;
  if (kind === "releases" && names.length === 2) return { query: "release.exists", values: decode(names) };
  if (names.length !== 1 || name === "") return null;
  if (kind === "tasks") return { query: "task.exists", values: numbered(name) };
  if (kind === "receipts") return { query: "receipt.exists", values: numbered(name, "r-") };
  return null;
}

function numbered(name: string, prefix = ""): readonly number[] | null {
  const number = parseNumber(name, prefix);
  return number === null ? null : [number];
}

function decode(names: readonly string[]): readonly string[] | null {
  try {
    return names.map(decodeURIComponent);
  } catch {
    return null;
  }
}

/**
 * True when this portal has no such view, or when the path names one row and there was none, at the shown instant, that may be seen.
 * False for every other path, and when nobody could be asked.
 * @param instant of a replay; null: now
 */
export async function isMissingPage(pathname: string, instant: Instant | null): Promise<boolean> {
  if (MACHINE.test(pathname)) return false;
  const place = PLACES.find(({ path }) => path !== "/" && (pathname === path || pathname.startsWith(`${path}/`)));
  if (place !== undefined && !isShown(await readProfile(), place)) return true;
  const row = rowOf(pathname);
  if (row === null) return false;
  const { query, values } = row;
  if (values === null) return true;
  try {
    return await readSnapshot(
      async (snapshot) => (await snapshot.find(query, ExistsRow, values))?.exists === false,
      instant,
    );
  } catch {
    return false;
  }
}
