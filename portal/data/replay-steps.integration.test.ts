/** The steps of a replay follow the trail: the order of transactions, whatever ids their events drew. */
import type pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import { formatPlaceToken, parseInstant } from "../view/instant.ts";
import { readInstance } from "./instance.ts";
import { readReplaySteps } from "./replay-steps.ts";
import { readSnapshot } from "./snapshot.ts";

let reading: PortalReading;
beforeAll(async () => {
  reading = await startPortalReading();
});
afterAll(() => reading.stop());
afterEach(() => reading.forget());

const append = (client: pg.Client) =>
  client.query(
    "select muster.append_event('os_projects', gen_random_uuid(), 1, 'created', null, 'test', null, null, '{}')",
  );

/** What the bar of a replay at this place offers. @param place "xid:id"; null: now */
async function look(place: string | null) {
  const instant = place === null ? null : parseInstant(formatPlaceToken(1, place));
  const instance = await readSnapshot(readInstance, instant);
  return readReplaySteps(instance.last_event_place);
}

test("a replay walks back over an event that committed late, through every place once, to the first and forth again", async () => {
  const database = await reading.boardWith(null);
  const slow = await database.connect("postgres");
  const quick = await database.connect("postgres");
  await slow.query("begin");
  await slow.query("select pg_current_xact_id()");
  await append(quick);
  // The older transaction draws the newer id.
  await append(slow);
  await slow.query("commit");
  await append(quick);
  const { rows } = await quick.query<{ place: string }>(
    "select e.xid::text || ':' || e.id as place from muster_read.events e order by e.xid, e.id",
  );
  const trail = rows.map(({ place }) => place);
  const ids = trail.map((place) => Number(place.split(":")[1]));
  expect(ids).not.toEqual([...ids].sort((one, other) => one - other));

  const back: string[] = [];
  for (let at = (await look(null)).before; at !== null && back.length <= trail.length; at = (await look(at)).before)
    back.unshift(at);
  expect(back).toEqual(trail.slice(0, -1));
  const forth: string[] = [];
  for (
    let at: string | null = back[0] ?? null;
    at !== null && forth.length <= trail.length;
    at = (await look(at)).after
  )
    forth.push(at);
  expect(forth).toEqual(trail);
  await Promise.all([slow.end(), quick.end()]);
});
