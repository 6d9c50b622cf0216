import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { leaveStreams, watchStream } from "../../test/support/portal-stream.ts";
import { startPostgres, type TestPostgres } from "../../test/support/postgres.ts";
import { GET as getChanges } from "../app/api/changes/route.ts";
import { GET as getStream } from "../app/api/stream/route.ts";
import { pool } from "../data/pool.ts";
import { HEARTBEAT_MS, hub } from "./hub.ts";

/** One task that somebody holds; its last heartbeat was nine seconds ago. */
const HISTORY = {
  organizations: [{ key: "demo", name: "Demo Co" }],
  projects: [{ key: "open", name: "Open", organization: "demo" }],
  agents: [{ name: "a01", title: "Builder", model_family: "claude", model: "one" }],
  tasks: [
    {
      ...{
        number: 1,
        project: "open",
        title: "Held",
        class: "bug",
        status: "in_progress",
        priority: "P0",
        risk: "low",
      },
      ...{ acceptance: [{ id: "a1", text: "It holds" }], assigned_to: "a01", lease_seconds: 900 },
    },
  ],
  claims: [{ task: 1, epoch: 1, agent: "a01", session: "s1", claimed_at: "-10m", heartbeat_at: "-9s" }],
};

/** When the pages say that they will look different; null: never. */
let due: number | null = null;

/** A portal's own pages, as far as the stream needs them: each answer says how often it was asked. */
async function servePages() {
  const asked = new Map<string, number>();
  const server = createServer(({ url = "" }, response) => {
    asked.set(url, (asked.get(url) ?? 0) + 1);
    response.setHeader("content-type", "text/html");
    const says = due === null || due <= Date.now() ? "" : ` data-live-due="${due}"`;
    response.end(
      `<title>t</title><div data-live-read="${new Date().toISOString()}"${says}><main data-live="main">answer ${asked.get(url)}</main></div>`,
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  vi.stubEnv("PORT", typeof address === "object" ? String(address?.port) : "");
  return server;
}

let pages: Server;
let postgres: TestPostgres;
let admin: pg.Client;
let folder: string;

beforeAll(async () => {
  pages = await servePages();
  postgres = await startPostgres();
  const database = await postgres.createDatabase();
  admin = await database.connect("postgres");
  await admin.query("select muster.ensure_instance('0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7a02')");
  await admin.query("select muster.import_history($1::jsonb)", [JSON.stringify(HISTORY)]);
  folder = mkdtempSync(join(tmpdir(), "muster-portal-hub-"));
  writeFileSync(join(folder, "password"), "test\n");
  vi.stubEnv("ELK_OS_DATABASE_PORT", String(postgres.port));
  vi.stubEnv("ELK_OS_DATABASE_NAME", database.name);
  vi.stubEnv("ELK_OS_DATABASE_PASSWORD_FILE", join(folder, "password"));
});

afterEach(async () => {
  due = null;
  vi.restoreAllMocks();
  leaveStreams();
  await vi.waitFor(() => expect(hub().watchers).toBe(0));
});

afterAll(async () => {
  hub().stop();
  pages.close();
  pages.closeAllConnections();
  await pool().end();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

/** As a process that has just started, which has read nothing yet. */
function startAnew(): void {
  hub().stop();
  Reflect.deleteProperty(globalThis, Symbol.for("muster.portal.hub"));
}
const hubIsLive = () => vi.waitFor(() => expect(hub().state).toEqual({ state: "live" }), { timeout: 5_000 });
const beat = () => admin.query("update muster.leases set heartbeat_at = clock_timestamp()");
const boardClock = async () => {
  const { rows } = await admin.query<{ now: Date }>("select clock_timestamp() as now");
  return rows[0]?.now.getTime() ?? 0;
};

test("a page that was just read is not rendered again for its reader, and one from before a change is", async () => {
  watchStream(getStream, { query: "view=/claims" });
  await hubIsLive();
  let nth = 0;
  const join = async (readMsAgo: number) => {
    nth += 1;
    const stamp = new Date((await boardClock()) - readMsAgo).toISOString();
    const watcher = watchStream(getStream, {
      query: new URLSearchParams({ view: `/list?q=${nth}`, stamp }).toString(),
    });
    await vi.waitFor(() => expect(watcher.named("hello")).not.toEqual([]));
    return watcher;
  };
  // While a change could have been missed it is rendered all the same.
  await vi.waitFor(
    async () => {
      const fresh = await join(0);
      const old = await join(60_000);
      await vi.waitFor(() => expect(old.named("view")).not.toEqual([]));
      // Views are rendered one after the other, in the order of their readers.
      expect(fresh.named("view")).toEqual([]);
    },
    { timeout: 20_000, interval: 500 },
  );
}, 30_000);

test("a heartbeat reaches those who poll, though it is no event; a 304 tells the board's time", async () => {
  const ask = (etag: string | null) =>
    getChanges(
      new Request("http://127.0.0.1/api/changes", { headers: etag === null ? {} : { "if-none-match": etag } }),
    );
  await ask(null);
  await hubIsLive();
  const first = await ask(null);
  const [[, , before]] = (await first.json()).leases;
  const etag = first.headers.get("etag");
  const same = await ask(etag);
  expect(same.status).toBe(304);
  expect(Math.abs(Number(same.headers.get("x-muster-now")) - (await boardClock()))).toBeLessThan(1_000);
  await beat();
  await vi.waitFor(
    async () => {
      const next = await ask(etag);
      expect(next.status).toBe(200);
      const [[task, , after]] = (await next.json()).leases;
      expect([task, after > before]).toEqual([1, true]);
    },
    { timeout: 5_000 },
  );
});

test("after a rest nobody is told of leases as they were before it", async () => {
  const first = watchStream(getStream);
  await hubIsLive();
  first.leave();
  await vi.waitFor(() => expect(hub().watchers).toBe(0));
  hub().stop();
  const { rows } = await admin.query<{ beat: string }>(
    "update muster.leases set heartbeat_at = clock_timestamp() returning round(extract(epoch from heartbeat_at) * 1000) as beat",
  );
  const late = watchStream(getStream);
  await vi.waitFor(() => expect(late.named("pulse")).toHaveLength(1), { timeout: 5_000 });
  expect(late.named("hello")[0]?.data).toMatchObject({ now: null, leases: [], state: { state: "starting" } });
  expect(late.named("pulse")[0]?.data.leases?.[0]?.[2]).toBe(Number(rows[0]?.beat));
  expect(late.named("state").map(({ data }) => data.state)).toEqual(["live"]);
});

test("who resumes at a server that has just started is told that it is live", async () => {
  const { rows } = await admin.query<{ cursor: string }>("select muster.make_cursor('0', 0) as cursor");
  startAnew();
  const watcher = watchStream(getStream, { lastEventId: rows[0]?.cursor });
  await vi.waitFor(() => expect(watcher.named("events").length).toBeGreaterThan(0), { timeout: 5_000 });
  const told = watcher.heard.flatMap(({ event, data }) =>
    event === "hello" || event === "state" ? [JSON.stringify(data.state)] : [],
  );
  expect(told.at(-1)).toMatch(/live/);
});

/** Our monotonic clock runs five times as fast, so that ten of its seconds are two. */
function speedUp(): void {
  const real = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => real() * 5);
}

test("a silent board is heard at least every ten seconds, with the board's own time", async () => {
  speedUp();
  const watcher = watchStream(getStream);
  const pulsedAt: number[] = [];
  await vi.waitFor(() => expect(watcher.named("pulse").length).toBeGreaterThan(0), { timeout: 5_000 });
  for (const count of [2, 3, 4]) {
    await vi.waitFor(() => expect(watcher.named("pulse").length).toBe(count), { timeout: 5_000, interval: 5 });
    pulsedAt.push(performance.now());
    expect(Math.abs((watcher.named("pulse").at(-1)?.data.now ?? 0) - (await boardClock()))).toBeLessThan(1_000);
  }
  const gaps = pulsedAt.slice(1).map((at, index) => at - (pulsedAt[index] ?? 0));
  // The board is read every half second of the real clock, which are two and a half of the fast one.
  for (const gap of gaps) expect(gap).toBeGreaterThan(HEARTBEAT_MS - 1_000);
  for (const gap of gaps) expect(gap).toBeLessThan(HEARTBEAT_MS + 5_000);
  expect(watcher.named("events")).toEqual([]);
});

test("a cursor that is too old is reset over the stream, and the reader goes on from the present", async () => {
  const { rows } = await admin.query<{ cursor: string }>("select muster.make_cursor('0', 0) as cursor");
  await admin.query(
    "select muster.append_event('os_projects', gen_random_uuid(), 1, 'created', null, 'test', null, null, '{}') from generate_series(1, 5100)",
  );
  startAnew();
  const watcher = watchStream(getStream, { lastEventId: rows[0]?.cursor });
  await vi.waitFor(() => expect(watcher.named("reset").map(({ data }) => data.reason)).toEqual(["too_old"]), {
    timeout: 60_000,
  });
  expect(watcher.named("events")).toEqual([]);
  await admin.query(
    "select muster.append_event('os_projects', gen_random_uuid(), 1, 'created', null, 'test', null, null, '{}')",
  );
  await vi.waitFor(() => expect(watcher.named("events")).toHaveLength(1), { timeout: 5_000 });
  expect(watcher.named("events")[0]?.data).toHaveLength(1);
});

test("a reader that is behind says that it catches up, and then that it is live", async () => {
  startAnew();
  const watcher = watchStream(getStream);
  await hubIsLive();
  await admin.query(
    "select muster.append_event('os_projects', gen_random_uuid(), 1, 'created', null, 'test', null, null, '{}') from generate_series(1, 1200)",
  );
  const heard = () => watcher.named("events").reduce((sum, { data }) => sum + data.length, 0);
  await vi.waitFor(() => expect(heard()).toBe(1_200), { timeout: 30_000 });
  await hubIsLive();
  // A starved machine may lose the database in between; what counts is that it is not called live before it is.
  const told = watcher.named("state").flatMap(({ data }) => (data.state === "database_down" ? [] : [data.state]));
  const changes = told.filter((state, at) => state !== told[at - 1]);
  expect(changes).toEqual(["live", "catching_up", "live"]);
});

test("an open page is rendered anew when doctor leaves a report, and when a green of it expires", async () => {
  const file = join(folder, "doctor.json");
  const report = (evidence: string, ttl: number) => {
    const at = new Date().toISOString();
    const words = { verdict: null, expected: null, actual: null, fix: null };
    const check = { id: "PG-01", title: "t", status: "pass", severity: "error", evidence, ...words, at, ttl_s: ttl };
    writeFileSync(file, JSON.stringify({ schema: "muster.doctor-report/1", at, took_ms: 1, checks: [check] }));
  };
  startAnew();
  report("first", 3_600);
  vi.stubEnv("ELK_OS_DOCTOR_REPORT_FILE", file);
  const reader = watchStream(getStream, { query: "view=/doctor" });
  const answers = () => reader.named("view").map(({ data }) => Object.values(data.regions ?? {}).join(""));
  await vi.waitFor(() => expect(answers().at(-1)).toContain("answer 1"), { timeout: 5_000 });
  await vi.waitFor(() => expect(hub().boardNow()).not.toBeNull(), { timeout: 5_000 });
  report("second, in other words", 6);
  await vi.waitFor(() => expect(answers().at(-1)).toContain("answer 2"), { timeout: 5_000 });
  await vi.waitFor(() => expect(answers().at(-1)).toContain("answer 3"), { timeout: 20_000 });
  rmSync(file);
  await vi.waitFor(() => expect(answers().at(-1)).toContain("answer 4"), { timeout: 5_000 });
  expect(reader.named("events")).toEqual([]);
});

test("a heartbeat is drawn on an open timeline, though it is no event, and on no other page", async () => {
  speedUp();
  startAnew();
  const timeline = watchStream(getStream, { query: "view=/timeline" });
  const board = watchStream(getStream, { query: "view=/board" });
  await vi.waitFor(() => expect(board.named("view")).toHaveLength(1), { timeout: 5_000 });
  // Without a beat there are two at most: for the reader who came, and for the first reading of the leases.
  for (const count of [3, 4]) {
    await beat();
    await vi.waitFor(() => expect(timeline.named("view").length).toBeGreaterThanOrEqual(count), { timeout: 10_000 });
  }
  expect(board.named("view")).toHaveLength(1);
  expect(timeline.named("events")).toEqual([]);
});

test("a page that says when it will look different is rendered at that instant of the board, though nothing happens", async () => {
  await beat();
  startAnew();
  due = (await boardClock()) + 4_000;
  const reader = watchStream(getStream, { query: "view=/claims" });
  await vi.waitFor(() => expect(reader.named("view")).toHaveLength(1), { timeout: 5_000 });
  await vi.waitFor(() => expect(reader.named("view")).toHaveLength(2), { timeout: 15_000 });
  expect(hub().boardNow()).toBeGreaterThanOrEqual(due);
  expect(reader.named("events")).toEqual([]);
});

test("a claim that beats again after it had cooled is drawn anew, though no event says so", async () => {
  await admin.query("update muster.leases set heartbeat_at = clock_timestamp() - interval '100 s'");
  startAnew();
  const reader = watchStream(getStream, { query: "view=/claims" });
  await vi.waitFor(() => expect(reader.named("view")).toHaveLength(1), { timeout: 5_000 });
  await vi.waitFor(() => expect(hub().leases()).toHaveLength(1), { timeout: 5_000 });
  await beat();
  await vi.waitFor(() => expect(reader.named("view")).toHaveLength(2), { timeout: 10_000 });
  expect(reader.named("events")).toEqual([]);
});
