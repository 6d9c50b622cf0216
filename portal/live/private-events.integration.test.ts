/** The live plane tells of a private project neither a word nor a lease nor a number, whichever way it is asked. */
import type pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { HISTORY } from "../../test/support/portal-history.ts";
import { type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import { leaveStreams, watchStream } from "../../test/support/portal-stream.ts";
import type { TestDatabase } from "../../test/support/postgres.ts";
import { GET as getChanges } from "../app/api/changes/route.ts";
import { GET as getStream } from "../app/api/stream/route.ts";
import { readLog } from "../data/events.ts";
import { readInstance } from "../data/instance.ts";
import { readSnapshot } from "../data/snapshot.ts";
import { readTimeline } from "../data/timeline.ts";
import { hub } from "./hub.ts";

const SECRET = "Zinnober";
const OPEN = 2;
const HIDDEN = 4;

let reading: PortalReading;
let database: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  reading = await startPortalReading();
  database = await reading.boardWith(HISTORY);
  admin = await database.connect("postgres");
  await admin.query(
    `insert into muster.leases (task, kind, epoch, session, holder, agent, granted_at, heartbeat_at, expires_at, seconds)
     select t.id, l.kind, 1, 'hiding', l.holder, l.agent, l.granted_at, l.heartbeat_at, l.expires_at, l.seconds
     from public.os_tasks t, muster.leases l where t.number = $1`,
    [HIDDEN],
  );
});
afterEach(async () => {
  leaveStreams();
  await vi.waitFor(() => expect(hub().watchers).toBe(0));
});
afterAll(async () => {
  hub().stop();
  await reading.forget();
  await reading.stop();
});

/** A change of a task in the trail. */
const happen = (task: number) =>
  admin.query(
    `select muster.append_event('os_tasks', t.id, null, 'edited', null, $2, null, '{}', jsonb_build_object('title', $2::text))
     from public.os_tasks t where t.number = $1`,
    [task, task === HIDDEN ? SECRET : "Somebody"],
  );
const hubIsLive = () => vi.waitFor(() => expect(hub().state).toEqual({ state: "live" }), { timeout: 10_000 });

test("the stream tells of it neither by a word nor by a message, a lease or a cursor", async () => {
  const watcher = watchStream(getStream);
  await hubIsLive();
  const before = hub().cursor;
  await happen(HIDDEN);
  await happen(OPEN);
  await happen(HIDDEN);
  await vi.waitFor(() => expect(hub().cursor).not.toBe(before), { timeout: 10_000 });
  const after = hub().cursor;
  await happen(OPEN);
  await vi.waitFor(() => expect(hub().cursor).not.toBe(after), { timeout: 10_000 });
  await vi.waitFor(() => expect(watcher.named("events")).toHaveLength(2), { timeout: 10_000 });
  expect(watcher.named("events").map(({ id, data }) => [id, data.length])).toEqual([
    [after, 1],
    [hub().cursor, 1],
  ]);
  const [told] = watcher.named("events").flatMap(({ data }) => [...data]);
  expect(told).toMatchObject({ task: OPEN, actor_name: "Somebody" });
  expect(JSON.stringify(watcher.heard)).not.toMatch(/Zinnober|Secret|hiding/);
  const leases = watcher.heard.flatMap(({ data }) => data.leases ?? []);
  expect(new Set(leases.map(([task]) => task))).toEqual(new Set([OPEN]));
  // Resumed from before: read back from the ring or the board, it is the same.
  const again = watchStream(getStream, { lastEventId: before ?? "" });
  await vi.waitFor(() => expect(again.named("events")).toHaveLength(1), { timeout: 10_000 });
  expect(again.named("events")[0]?.data).toMatchObject([{ task: OPEN }, { task: OPEN }]);
  expect(again.named("events")[0]?.data).toHaveLength(2);
});

test("who polls gets no event of it, from any cursor", async () => {
  watchStream(getStream);
  await hubIsLive();
  const before = hub().cursor;
  await happen(HIDDEN);
  await happen(OPEN);
  await happen(HIDDEN);
  await vi.waitFor(() => expect(hub().cursor).not.toBe(before), { timeout: 10_000 });
  const { rows } = await admin.query<{ cursor: string }>("select muster.make_cursor('0', 0) as cursor");
  for (const after of [before, rows[0]?.cursor]) {
    const answer = await (await getChanges(new Request(`http://127.0.0.1/api/changes?after=${after}`))).text();
    expect(answer).not.toMatch(/Zinnober|Secret|hiding/);
    const { events, leases } = JSON.parse(answer);
    expect(events.some(({ task }: { readonly task: number | null }) => task === HIDDEN)).toBe(false);
    if (after === before) expect(events).toMatchObject([{ task: OPEN }]);
    else expect(events.length).toBeGreaterThan(1);
    expect(leases.map(([task]: readonly [number]) => task)).toEqual([OPEN]);
  }
});

test("a transaction that holds nothing but it back is not told of", async () => {
  watchStream(getStream);
  await hubIsLive();
  const slow = await database.connect("postgres");
  await slow.query("begin");
  await slow.query("select pg_current_xact_id()");
  await happen(HIDDEN);
  const { rows } = await admin.query("select p.held_events, p.held_by from muster_read.pulse() p");
  expect(rows).toEqual([{ held_events: 0, held_by: null }]);
  await happen(OPEN);
  await vi.waitFor(() => expect(hub().state).toMatchObject({ state: "held", events: 1 }), { timeout: 10_000 });
  await slow.query("rollback");
  await slow.end();
});

test("no count, no time, no log and no lane has it", async () => {
  const before = await readSnapshot(readInstance, null);
  await happen(HIDDEN);
  const after = await readSnapshot(readInstance, null);
  expect([after.events, after.last_event_at, after.last_event_place]).toEqual([
    before.events,
    before.last_event_at,
    before.last_event_place,
  ]);
  const facets = { entity: null, kind: null, actor: null };
  const log = await readLog({ facets, task: null, before: null });
  expect([after.events, log.all]).toEqual([log.matching, log.matching]);
  expect((await readLog({ facets, task: HIDDEN, before: null })).events).toEqual([]);
  expect(JSON.stringify([log, await readTimeline(null, null)])).not.toMatch(/Zinnober|Secret|hiding/);
});
