import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { startPostgres, type TestDatabase, type TestPostgres } from "../../test/support/postgres.ts";
import { readFleet } from "./agents.ts";
import { readBoard } from "./board.ts";
import { findBoardProblem } from "./board-health.ts";
import { type QueryName, SQL } from "./generated/sql.ts";
import { readNow } from "./now.ts";
import { pool } from "./pool.ts";
import { readLedger, readReceipt } from "./receipts.ts";
import { readTask } from "./task.ts";

const INSTANCE = "0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7a01";
const ALL = { phase: null, agent: null, family: null, priority: null };

const HISTORY = {
  organizations: [{ key: "demo", name: "Demo Co" }],
  projects: [
    { key: "open", name: "Open", organization: "demo" },
    { key: "hidden", name: "Hidden", organization: "demo", visibility: "private" },
  ],
  phases: [{ project: "open", key: "P0", name: "Ground", status: "active" }],
  agents: [
    { name: "a01", title: "Builder", model_family: "claude", model: "one" },
    { name: "a02", title: "Verifier", model_family: "gpt", model: "two" },
  ],
  tasks: [
    {
      ...{ number: 1, project: "open", phase: "P0", title: "Proven", class: "feature", status: "done", priority: "P1" },
      ...{
        risk: "low",
        acceptance: [{ id: "a1", text: "It holds" }],
        submitted_commit: "3f9c1e2",
        closing_note: "Done.",
      },
      ...{ submitted_at: "-3h", submitted_by: "a01", verified_by: "a02", verified_at: "-2h", done_at: "-2h" },
    },
    {
      ...{
        number: 2,
        project: "open",
        phase: "P0",
        title: "Held",
        class: "bug",
        status: "in_progress",
        priority: "P0",
      },
      ...{ risk: "high", acceptance: [{ id: "a1", text: "It holds" }], assigned_to: "a01", lease_seconds: 900 },
    },
    {
      ...{ number: 3, project: "open", title: "Asks", class: "chore", status: "blocked", priority: "P2", risk: "low" },
      ...{
        blocked_type: "needs_human",
        blocked_reason: "Two ways",
        blocked_owner: "Ines",
        blocked_action: "Choose one",
      },
    },
    { number: 4, project: "hidden", title: "Secret", class: "chore", status: "triage", priority: "P2", risk: "low" },
  ],
  dependencies: [{ task: 2, depends_on: 1 }],
  claims: [
    {
      task: 1,
      epoch: 1,
      agent: "a01",
      session: "s1",
      claimed_at: "-4h",
      ended_at: "-3h",
      ended_by: "submitted",
      outcome: "accepted",
    },
    {
      task: 1,
      epoch: 2,
      kind: "review",
      agent: "a02",
      session: "s2",
      claimed_at: "-3h",
      ended_at: "-2h",
      ended_by: "verdict",
    },
    {
      task: 2,
      epoch: 1,
      agent: "a01",
      session: "s3",
      claimed_at: "-10m",
      heartbeat_at: "-9s",
      tokens_in: 10,
      cost_usd: 0.5,
    },
  ],
  verifications: [
    {
      ...{
        task: 1,
        epoch: 2,
        agent: "a02",
        verdict: "pass",
        evidence: "Ran it.",
        commit_sha: "3f9c1e2",
        created_at: "-2h",
      },
      checks: [{ command: "npm test", exit_code: 0, log_sha256: "a".repeat(64) }],
    },
  ],
  notes: [{ task: 2, agent: "a01", kind: "note", body: "<b>not bold</b>" }],
  receipts: [{ number: 1, task: 1, title: "Green, wrongly", symptom: "Green.", needed_fleet: "no", issued_at: "-2h" }],
};

let postgres: TestPostgres;
let folder: string;

beforeAll(async () => {
  postgres = await startPostgres();
  folder = mkdtempSync(join(tmpdir(), "muster-portal-"));
  writeFileSync(join(folder, "password"), "test\n");
});

afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(async () => {
  await pool().end();
  Reflect.deleteProperty(globalThis, Symbol.for("muster.portal.pool"));
  vi.unstubAllEnvs();
});

function readFrom(database: TestDatabase): void {
  vi.stubEnv("ELK_OS_INSTANCE_ID", INSTANCE);
  vi.stubEnv("ELK_OS_DATABASE_HOST", "127.0.0.1");
  vi.stubEnv("ELK_OS_DATABASE_PORT", String(postgres.port));
  vi.stubEnv("ELK_OS_DATABASE_NAME", database.name);
  vi.stubEnv("ELK_OS_DATABASE_USER", "muster_portal");
  vi.stubEnv("ELK_OS_DATABASE_PASSWORD_FILE", join(folder, "password"));
}

async function boardWith(history: object | null): Promise<TestDatabase> {
  const database = await postgres.createDatabase();
  const owner = await database.connect("postgres");
  await owner.query("insert into muster.instance (instance_id, system_identifier) values ($1, 'test')", [INSTANCE]);
  if (history !== null) await owner.query("select muster.import_history($1::jsonb)", [JSON.stringify(history)]);
  await owner.end();
  readFrom(database);
  return database;
}

test("every page reads its rows from the real views", async () => {
  await boardWith(HISTORY);
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

  expect((await readLedger()).receipts).toMatchObject([{ ref: "r-0001", author: "a01", verifier: "a02" }]);
  expect((await readReceipt(1))?.receipt).toMatchObject({ task: 1, task_title: "Proven" });
  expect((await readFleet()).agents.map(({ name, leases }) => [name, leases.length])).toEqual([
    ["a01", 1],
    ["a02", 0],
  ]);
});

test("a filter narrows the rows and the counts alike", async () => {
  await boardWith(HISTORY);
  const board = await readBoard({ ...ALL, family: "claude", priority: "P0" });
  expect(board.open.map(({ number }) => number)).toEqual([2]);
  expect(board.counts).toMatchObject({ in_progress: 1, blocked: 0, done: 0 });
});

test("a private project and a number that does not exist look alike", async () => {
  await boardWith(HISTORY);
  expect([await readTask(4), await readTask(999), await readReceipt(999)]).toEqual([null, null, null]);
});

test("an empty board is read without rows, and without a problem", async () => {
  await boardWith(null);
  expect(await findBoardProblem()).toBeNull();
  expect(await readNow()).toMatchObject({ leases: [], attention: [], receipts: [], phases: [], events: [] });
});

test("the portal's role can read nothing but the views, and write nothing", async () => {
  const database = await boardWith(HISTORY);
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
  const database = await boardWith(null);
  const portal = await database.connect("muster_portal");
  const names = Object.keys(SQL).filter((name) => !name.startsWith("snapshot."));
  for (const name of names) await portal.query(`prepare "${name}" as ${SQL[name as QueryName]}`);
  await portal.end();
});

test("before the schema exists the board says that it is absent", async () => {
  const database = await postgres.createDatabase({ migrated: false });
  readFrom(database);
  expect(await findBoardProblem()).toBe("schema_absent");
});

test("a board without its instance, or of another instance, is not shown", async () => {
  const unrecorded = await postgres.createDatabase();
  readFrom(unrecorded);
  expect(await findBoardProblem()).toBe("instance_unrecorded");
  const owner = await unrecorded.connect("postgres");
  await owner.query("insert into muster.instance (instance_id, system_identifier) values (gen_random_uuid(), 'test')");
  expect(await findBoardProblem()).toBe("instance_mismatch");
  await owner.end();
});
