/** Reads the board as it was: the very queries of the live views, on twins of their views that show the rows of an earlier instant. */
import type pg from "pg";
import { z } from "zod";
import { type Instant, parseInstant } from "../view/instant.ts";
import { type QueryName, SQL } from "./generated/sql.ts";

const PlaceRow = z.object({ at: z.date() });

/** Sets the instant for the transaction that `client` has begun. A place without any event before it is the beginning of time. */
export async function rewind(client: pg.PoolClient, instant: Instant): Promise<void> {
  const snapshot = instant.kind === "page" ? instant.snapshot : "";
  const place = instant.kind === "place" ? `${instant.xid}:${instant.id}` : "";
  const at = instant.kind === "place" ? await timeOf(client, instant.id) : instant.at;
  await client.query({ text: SQL["snapshot.rewind"], values: [at.toISOString(), snapshot, place] });
}

async function timeOf(client: pg.PoolClient, id: string): Promise<Date> {
  const { rows } = await client.query({ text: SQL["replay.find-place"], values: [id] });
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
