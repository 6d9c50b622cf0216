import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { leaveStreams, type StreamWatcher, watchStream } from "../../test/support/portal-stream.ts";
import { startPostgres, type TestDatabase, type TestPostgres } from "../../test/support/postgres.ts";
import { GET as getChanges } from "../app/api/changes/route.ts";
import { GET as getStream } from "../app/api/stream/route.ts";
import { pool } from "../data/pool.ts";
import { hub } from "./hub.ts";

let postgres: TestPostgres;
let database: TestDatabase;
let admin: pg.Client;
let folder: string;

beforeAll(async () => {
  postgres = await startPostgres(undefined, ["shared_preload_libraries=pg_stat_statements"]);
  database = await postgres.createDatabase();
  admin = await database.connect("postgres");
  await admin.query("create extension pg_stat_statements");
  await admin.query("select muster.ensure_instance('0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7a01')");
  folder = mkdtempSync(join(tmpdir(), "muster-portal-live-"));
  writeFileSync(join(folder, "password"), "test\n");
  vi.stubEnv("ELK_OS_DATABASE_PORT", String(postgres.port));
  vi.stubEnv("ELK_OS_DATABASE_NAME", database.name);
  vi.stubEnv("ELK_OS_DATABASE_PASSWORD_FILE", join(folder, "password"));
});

afterEach(async () => {
  leaveStreams();
  await vi.waitFor(() => expect(hub().watchers).toBe(0));
});

afterAll(async () => {
  hub().stop();
  await pool().end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

const watch = (lastEventId?: string) => watchStream(getStream, { lastEventId });

const heardIds = (watcher: StreamWatcher) => watcher.named("events").flatMap(({ data }) => data.map(({ id }) => id));

/** Appends events in one transaction each; answers their ids. */
async function append(client: pg.Client, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let at = 0; at < count; at += 1) {
    await client.query(
      "select muster.append_event('os_projects', gen_random_uuid(), 1, 'created', null, 'test', null, null, '{}')",
    );
    const { rows } = await client.query<{ id: string }>("select max(id) as id from public.os_events");
    ids.push(Number(rows[0]?.id));
  }
  return ids;
}

const isLive = (watcher: StreamWatcher) =>
  vi.waitFor(() => expect(watcher.heard.some(({ event }) => event === "pulse" || event === "hello")).toBe(true));
const hubIsLive = () => vi.waitFor(() => expect(hub().state).toEqual({ state: "live" }), { timeout: 5_000 });

test("every watcher hears every event once and in order", async () => {
  const watchers = [watch(), watch(), watch()];
  await Promise.all(watchers.map(isLive));
  await hubIsLive();
  const ids = await append(admin, 20);
  for (const watcher of watchers) await vi.waitFor(() => expect(heardIds(watcher)).toEqual(ids), { timeout: 5_000 });
});

test("a slow transaction holds later events back, names itself, and is never skipped", async () => {
  const watcher = watch();
  await hubIsLive();
  const slow = await database.connect("postgres");
  await slow.query("begin");
  const [first] = await append(slow, 1);
  const [second] = await append(admin, 1);
  const { rows } = await slow.query<{ pid: number }>("select pg_backend_pid() as pid");
  await vi.waitFor(() => expect(hub().state).toEqual({ state: "held", events: 1, pid: rows[0]?.pid }), {
    timeout: 5_000,
  });
  expect(heardIds(watcher)).toEqual([]);
  await slow.query("commit");
  await vi.waitFor(() => expect(heardIds(watcher).sort((a, b) => a - b)).toEqual([first, second]), { timeout: 5_000 });
});

test("a further watcher costs no query", async () => {
  const watchers = Array.from({ length: 30 }, () => watch());
  await hubIsLive();
  const calls = async () => {
    const { rows } = await admin.query<{ calls: string }>(
      "select coalesce(sum(calls), 0) as calls from pg_stat_statements where userid = 'muster_portal'::regrole",
    );
    return Number(rows[0]?.calls);
  };
  const before = await calls();
  const startedAt = performance.now();
  const ids = await append(admin, 10);
  for (const watcher of watchers) await vi.waitFor(() => expect(heardIds(watcher)).toEqual(ids), { timeout: 5_000 });
  const asked = (await calls()) - before;
  const elapsed = performance.now() - startedAt;
  // The reader's own pace, whoever watches: a look every 50 ms and a pulse every 500. One query per watcher would be thirty more.
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(Math.ceil(elapsed / 50) + Math.ceil(elapsed / 500) + 3);
});

test("who was cut off hears what it missed, and nothing twice", async () => {
  const watcher = watch();
  await hubIsLive();
  await append(admin, 3);
  await vi.waitFor(() => expect(heardIds(watcher)).toHaveLength(3), { timeout: 5_000 });
  const last = watcher.named("events").at(-1)?.id ?? "";
  watcher.leave();
  const missed = await append(admin, 5);
  const again = watch(last);
  await vi.waitFor(() => expect(heardIds(again)).toEqual(missed), { timeout: 5_000 });
  const [later] = await append(admin, 1);
  await vi.waitFor(() => expect(heardIds(again)).toEqual([...missed, later]), { timeout: 5_000 });
});

test("a cursor from before this process is read back once; a void one is reset", async () => {
  const { rows } = await admin.query<{ cursor: string }>("select muster.make_cursor('0', 0) as cursor");
  const fromTheStart = watch(rows[0]?.cursor ?? "");
  const { rows: all } = await admin.query<{ id: string }>("select id from public.os_events order by xid, id");
  await vi.waitFor(() => expect(heardIds(fromTheStart)).toEqual(all.map(({ id }) => Number(id))), { timeout: 5_000 });
  const nonsense = watch("bm9uc2Vuc2U");
  await vi.waitFor(() => expect(nonsense.heard.some(({ event }) => event === "reset")).toBe(true), { timeout: 5_000 });
  const otherLife = watch(Buffer.from("99:1:1").toString("base64url"));
  await vi.waitFor(() => expect(otherLife.heard.find(({ event }) => event === "reset")?.data.reason).toBe("unknown"), {
    timeout: 5_000,
  });
});

test("who polls gets the same words, and 304 while nothing is new", async () => {
  const ask = (cursor: string | null, etag: string | null) =>
    getChanges(
      new Request(`http://127.0.0.1/api/changes${cursor === null ? "" : `?after=${cursor}`}`, {
        headers: etag === null ? {} : { "if-none-match": etag },
      }),
    );
  await hubIsLive();
  const first = await ask(null, null);
  const { cursor } = await first.json();
  expect((await ask(cursor, first.headers.get("etag"))).status).toBe(304);
  const [id] = await append(admin, 1);
  await vi.waitFor(
    async () => {
      const next = await ask(cursor, first.headers.get("etag"));
      expect(next.status).toBe(200);
      expect((await next.json()).events).toMatchObject([{ id }]);
    },
    { timeout: 5_000 },
  );
});

test("an outage of the database is told, and ends by itself", async () => {
  const watcher = watch();
  await hubIsLive();
  await admin.query("alter role muster_portal nologin");
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'muster_portal'");
  const states = () => watcher.named("state").map(({ data }) => data.state);
  await vi.waitFor(() => expect(states()).toContain("database_down"), { timeout: 5_000 });
  await admin.query("alter role muster_portal login");
  const [id] = await append(admin, 1);
  await vi.waitFor(() => expect(heardIds(watcher)).toEqual([id]), { timeout: 10_000 });
  expect(hub().state).toEqual({ state: "live" });
});
