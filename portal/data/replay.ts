/** Reads the board as it was: the very queries of the live views, on twins of their views that show the rows of an earlier instant. */
import type pg from "pg";
import { z } from "zod";
import { type Instant, parseInstant } from "../view/instant.ts";
import { type QueryName, SQL } from "./generated/sql.ts";

const PlaceRow = z.object({ at: z.date() });

/**
 * Sets the instant for the transaction that `client` has begun. A place without any event before it is the beginning of time.
 * @throws Error for an instant of another life of the board; proxy.ts refuses it before
 */
export async function rewind(client: pg.PoolClient, instant: Instant): Promise<void> {
  if (await isOfOtherLife(client, instant)) throw new Error("?at= is of another life of this board.");
  const snapshot = instant.kind === "page" ? instant.snapshot : "";
  const place = instant.kind === "place" ? `${instant.xid}:${instant.id}` : "";
  const at = instant.kind === "place" ? await timeOf(client, instant) : instant.at;
  await client.query({ text: SQL["snapshot.rewind"], values: [at.toISOString(), snapshot, place] });
}

/**
 * True for the token of a page, or a cursor, from before the board was restored (or of another board): its transactions and ids name other
 * rows here, or none. A time is the same in every life.
 */
export async function isOfOtherLife(client: Pick<pg.Pool, "query">, instant: Instant): Promise<boolean> {
  if (instant.kind === "time") return false;
  const { rows } = await client.query<{ incarnation: number }>(SQL["instance.find"]);
  return rows[0] !== undefined && rows[0].incarnation !== instant.incarnation;
}

async function timeOf(client: pg.PoolClient, { xid, id }: Extract<Instant, { kind: "place" }>): Promise<Date> {
  const { rows } = await client.query({ text: SQL["replay.find-place"], values: [xid, id] });
  return rows.length === 0 ? new Date(0) : PlaceRow.parse(rows[0]).at;
}

/** The same query on the board as it was. */
export function pastQuery(query: QueryName): string {
  return SQL[query].replaceAll("muster_read.", "muster_at.");
}

/** What `?at=` of the request says; null when it is not there. @throws Error for an instant that cannot be parsed: proxy.ts refuses it before */
export function instantOf(text: string | null): Instant | null {
  if (text === null) return null;
  const instant = parseInstant(text);
  if (instant === null) throw new Error("?at= names no instant.");
  return instant;
}
