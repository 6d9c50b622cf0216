import { afterAll, beforeAll, expect, it } from "vitest";
import { readSql } from "../../cli/src/drivers/embedded/read-sql.ts";
import { HISTORY } from "../../test/support/portal-history.ts";
import { type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import type { TestDatabase } from "../../test/support/postgres.ts";
import { parseListFilter } from "../view/list-filter.ts";
import { readFleet } from "./agents.ts";
import { readBoard } from "./board.ts";
import { readClaims } from "./claims.ts";
import { totalsOf } from "./export-columns.ts";
import { NO_TASKS } from "./groups.ts";
import { readExport } from "./list.ts";
import { readNow } from "./now.ts";
import { readTask } from "./task.ts";

const ALL = { phase: null, agent: null, family: null, priority: null };
const READY = 140;
const HELD = 220;
const WAITING = 70;
const NOTES = 130;
/** Last heartbeats of claims with a lease of a quarter of an hour: fresh, cooling, cold, over. */
const BEATS = ["-9s", "-200s", "-600s", "-1000s"];

const task = { project: "open", class: "chore", risk: "low", acceptance: [{ id: "a1", text: "It holds" }] };
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);
const claimed = numbers(2_000, HELD);
/** Tasks whose one claim was released, the last one first. */
const ended = [...numbers(1_000, READY), ...numbers(3_000, WAITING)];

/** More ready tasks of the highest urgency, claims of the lowest, and tasks that wait for a person than any page lists. */
const LARGE = {
  ...HISTORY,
  tasks: [
    ...HISTORY.tasks,
    ...numbers(1_000, READY).map((number) => ({
      ...task,
      ...{ number, title: `Ready ${number}`, status: "ready", priority: "P0" },
    })),
    ...claimed.map((number) => ({
      ...task,
      ...{
        number,
        title: `Held ${number}`,
        status: "in_progress",
        priority: "P3",
        assigned_to: "a02",
        lease_seconds: 900,
      },
    })),
    ...numbers(3_000, WAITING).map((number) => ({
      ...task,
      ...{ number, title: `Asks ${number}`, status: "blocked", priority: "P2", blocked_type: "needs_human" },
      ...{ blocked_reason: "Two ways", blocked_owner: "Ines", blocked_action: "Choose one" },
    })),
  ],
  notes: [
    ...HISTORY.notes,
    ...numbers(1, NOTES).map((at) => ({
      task: 3,
      agent: "a01",
      kind: "note",
      body: `Note ${at}`,
      created_at: `-${at}m`,
    })),
  ],
  claims: [
    ...HISTORY.claims,
    ...claimed.map((number, at) => ({
      ...{ task: number, epoch: 1, agent: "a02", session: `s${number}`, claimed_at: "-20m" },
      heartbeat_at: BEATS[at % BEATS.length],
    })),
    ...ended.map((number, at) => ({
      ...{ task: number, epoch: 1, agent: "a02", session: `e${number}`, claimed_at: "-20h" },
      ...{ ended_at: `-${60 + at}m`, ended_by: "released" },
    })),
  ],
};

let reading: PortalReading;
let database: TestDatabase;
beforeAll(async () => {
  reading = await startPortalReading();
  database = await reading.boardWith(LARGE);
});
afterAll(async () => {
  await reading.forget();
  await reading.stop();
});

it("cuts each column of the board by itself, so that no ready task pushes a claim off it", async () => {
  const { open, counts } = await readBoard(ALL);
  const shown = (status: string) => open.filter((row) => row.status === status);
  expect(counts).toMatchObject({ ready: READY, in_progress: HELD + 1, blocked: WAITING + 1 });
  expect(shown("ready")).toHaveLength(100);
  expect(shown("in_progress")).toHaveLength(100);
  expect(shown("in_progress").every(({ ember }) => ember !== null)).toBe(true);
  expect(shown("blocked")).toHaveLength(WAITING + 1);
  expect(shown("in_progress").some(({ priority }) => priority === "P3")).toBe(true);
});

it("shows of one agent what it holds or worked on last, and counts all of that", async () => {
  const { open, done, counts } = await readBoard({ ...ALL, agent: "a02" });
  expect(counts).toEqual({ ...NO_TASKS, ready: READY, in_progress: HELD, blocked: WAITING });
  expect([open.length, done.length]).toEqual([100 + 100 + WAITING, 0]);
  const held = open.filter(({ status }) => status === "in_progress");
  expect(held.map(({ agent }) => agent)).toEqual(held.map(() => "a02"));
  expect((await readBoard({ ...ALL, agent: "a02", priority: "P0" })).counts).toEqual({ ...NO_TASKS, ready: READY });
  expect((await readBoard({ ...ALL, agent: "a02", priority: "P1" })).counts).toEqual(NO_TASKS);
});

it("counts on Now what is, not what is listed", async () => {
  const { claims, leases, waiting, attention } = await readNow();
  expect([leases.length, attention.length]).toEqual([200, 50]);
  const each = HELD / BEATS.length;
  expect(claims).toEqual({
    ...{ held: HELD + 1, agents: 2, on_tasks: 2 * each + 1, on_reviews: 0 },
    ...{ cooling: each, live: 2 * each + 1, cold: 2 * each },
  });
  expect(waiting.tasks).toBe(WAITING + 1);
});

it("counts claims as their pictures show them", async () => {
  const { held, leases } = await readClaims(null, null);
  const count = (...states: readonly string[]) => leases.filter(({ ember }) => states.includes(ember.state)).length;
  expect(leases).toHaveLength(HELD + 1);
  expect({ live: held.live, cooling: held.cooling, cold: held.cold }).toEqual({
    ...{ live: count("fresh", "cooling"), cooling: count("cooling"), cold: count("cold", "expired") },
  });
  expect((await readClaims(null, "a01")).held).toMatchObject({ held: 1, agents: 1 });
});

it("leads through every claim that has ended, newest end first, a page at a time, and counts those under a filter", async () => {
  const page = async (number: number) => (await readClaims("released", "a02", number)).ended.map(({ task }) => task);
  const [first, second, third] = [await page(1), await page(2), await page(3)];
  expect([first.length, second.length, third]).toEqual([200, ended.length - 200, []]);
  expect([...first, ...second]).toEqual(ended);
  const { endings } = await readClaims("released", "a02");
  expect(endings.find(({ ending }) => ending === "released")).toEqual({ ending: "released", claims: ended.length });
});

it("shows each agent with all that it holds", async () => {
  const { agents } = await readFleet();
  expect(agents.map(({ name, leases }) => [name, leases.length])).toEqual([
    ["a01", 1],
    ["a02", HELD],
  ]);
});

it("says of an export that was cut how many rows match", async () => {
  const held = parseListFilter({ status: "in_progress" });
  const cut = await readExport(held, 20);
  expect([cut.rows.length, cut.matching]).toEqual([20, HELD + 1]);
  expect(totalsOf(cut.rows.length, cut.matching)).toEqual({
    "X-Muster-Matching": "221",
    "X-Muster-Cut": "the first 20 of 221; narrow the filters for the rest",
  });
  const whole = await readExport(held);
  expect(totalsOf(whole.rows.length, whole.matching)).toEqual({ "X-Muster-Matching": "221" });
});

it("leads through every note of a task, newest first, a page at a time", async () => {
  const bodies = async (page: number) => (await readTask(3, page))?.notes.map(({ body }) => body) ?? [];
  const [first, second, third] = [await bodies(1), await bodies(2), await bodies(3)];
  expect([first.length, second.length, third]).toEqual([100, NOTES - 100, []]);
  expect([...first, ...second]).toEqual(numbers(1, NOTES).map((at) => `Note ${at}`));
  expect((await readTask(3, 2))?.task.notes).toBe(NOTES);
});

it("shows the task that doctor looks for, though the oldest open one does not fit", async () => {
  const owner = await database.connect("postgres");
  await owner.query("set session_replication_role = replica");
  await owner.query("delete from public.os_tasks where number < 1000 and status <> 'done'");
  await owner.query("update public.os_tasks set priority = 'P3' where number = 1000");
  const reader = await database.connect("muster_portal");
  const { rows } = await reader.query<{ number: number }>(readSql("task.sample"));
  await Promise.all([owner, reader].map((client) => client.end()));
  const { open } = await readBoard(ALL);
  expect(rows).toHaveLength(1);
  expect(open.map(({ number }) => number)).toContain(rows[0]?.number);
});
