import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { HISTORY } from "../../test/support/portal-history.ts";
import { type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import { readFleet } from "./agents.ts";
import { readBoard } from "./board.ts";
import { findBoardProblem } from "./board-health.ts";
import { type QueryName, SQL } from "./generated/sql.ts";
import { readNow } from "./now.ts";
import { readLedger, readReceipt } from "./receipts.ts";
import { readTask } from "./task.ts";

const ALL = { phase: null, agent: null, family: null, priority: null };

let reading: PortalReading;
beforeAll(async () => {
  reading = await startPortalReading();
});
afterAll(() => reading.stop());
afterEach(() => reading.forget());

test("every page reads its rows from the real views", async () => {
  await reading.boardWith(HISTORY);
  const now = await readNow();
  expect(now.leases.map(({ task, ember }) => `${task} ${ember.state}`)).toEqual(["2 fresh"]);
  expect(now.attention.map(({ number }) => number)).toEqual([3]);
  expect(now.counts).toMatchObject({ done: 1, in_progress: 1, blocked: 1, triage: 0 });
  expect(now.phases.map(({ key, tasks_done, tasks_open }) => [key, tasks_done, tasks_open])).toEqual([["P0", 1, 1]]);
  expect(now.events.length).toBeGreaterThan(0);

  const board = await readBoard(ALL);
  expect(board.open.map(({ number }) => number)).toEqual([2, 3]);
  expect(board.done).toMatchObject([{ number: 1, receipt: 1 }]);

  const task = await readTask(1);
  expect(task?.claims.map(({ epoch, outcome }) => [epoch, outcome])).toEqual([
    [2, null],
    [1, "accepted"],
  ]);
  expect(task?.verifications[0]).toMatchObject({ agent: "a02", author: "a01", verdict: "pass" });
  expect(task?.neighbours).toEqual([{ side: "unblocks", number: 2, title: "Held", status: "in_progress" }]);
  expect((await readTask(2))?.notes).toMatchObject([{ agent: "a01", body: "<b>not bold</b>" }]);
  expect((await readTask(2, 2))?.notes).toEqual([]);

  expect((await readLedger()).receipts).toMatchObject([{ ref: "r-0001", author: "a01", verifier: "a02" }]);
  expect((await readReceipt(1))?.receipt).toMatchObject({ task: 1, task_title: "Proven" });
  expect((await readFleet()).agents.map(({ name, leases }) => [name, leases.length])).toEqual([
    ["a01", 1],
    ["a02", 0],
  ]);
});

test("a filter narrows the rows and the counts alike", async () => {
  await reading.boardWith(HISTORY);
  const board = await readBoard({ ...ALL, family: "claude", priority: "P0" });
  expect(board.open.map(({ number }) => number)).toEqual([2]);
  expect(board.counts).toMatchObject({ in_progress: 1, blocked: 0, done: 0 });
});

test("a private project and a number that does not exist look alike", async () => {
  await reading.boardWith(HISTORY);
  expect([await readTask(4), await readTask(999), await readReceipt(999)]).toEqual([null, null, null]);
});

test("an empty board is read without rows, and without a problem", async () => {
  await reading.boardWith(null);
  expect(await findBoardProblem()).toBeNull();
  expect(await readNow()).toMatchObject({ leases: [], attention: [], receipts: [], phases: [], events: [] });
});

test("the portal's role can read nothing but the views, and write nothing", async () => {
  const database = await reading.boardWith(HISTORY);
  const portal = await database.connect("muster_portal");
  const refusals = [
    "select 1 from public.os_tasks",
    "select 1 from muster.leases",
    "delete from public.os_tasks",
    "create table public.t ()",
  ];
  for (const refused of refusals) await expect(portal.query(refused)).rejects.toMatchObject({ code: "42501" });
  await portal.end();
});

test("every query can be prepared by the portal's role", async () => {
  const database = await reading.boardWith(null);
  const portal = await database.connect("muster_portal");
  const names = Object.keys(SQL).filter((name) => !name.startsWith("snapshot."));
  for (const name of names) await portal.query(`prepare "${name}" as ${SQL[name as QueryName]}`);
  await portal.end();
});

test("before the schema exists the board says that it is absent", async () => {
  const database = await reading.postgres.createDatabase({ migrated: false });
  reading.readFrom(database);
  expect(await findBoardProblem()).toBe("schema_absent");
});

test("a board without its instance, or of another instance, is not shown", async () => {
  const unrecorded = await reading.postgres.createDatabase();
  reading.readFrom(unrecorded);
  expect(await findBoardProblem()).toBe("instance_unrecorded");
  const owner = await unrecorded.connect("postgres");
  await owner.query("insert into muster.instance (instance_id, system_identifier) values (gen_random_uuid(), 'test')");
  expect(await findBoardProblem()).toBe("instance_mismatch");
  await owner.end();
});
