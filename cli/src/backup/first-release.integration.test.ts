/** The board that the first release made and worked on gets every migration since, keeps what it had, and work goes on. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diffCatalog, loadManifest, readCatalog } from "@muster/board/catalog";
import { migrationStatus, runMigrations } from "@muster/board/migrate";
import { loadMigrations } from "@muster/board/sql-files";
import { verifyEvents, verifyReceipts } from "@muster/board/trail/verify-trail";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { callVerb } from "../../../test/support/call-verb.ts";
import { createItem, type Fields, patchItems } from "../../../test/support/directus-writes.ts";
import { unpackFirstRelease } from "../../../test/support/first-release.ts";
import { claim, refusalOf } from "../../../test/support/law-fixture.ts";
import { startPostgres, type TestPostgres } from "../../../test/support/postgres.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { Secret } from "../state/secret.ts";
import { asOfNow } from "../trail/open-trail.ts";
import { admitAdministrator } from "./admit-administrator.ts";
import type { Backup } from "./backup-folder.ts";
import { prepareSession, type WithDatabase } from "./database.ts";
import { restoreBackup } from "./restore-backup.ts";
import { verifyBackup } from "./verify-backup.ts";

const never = new AbortController().signal;
const quiet = () => undefined;
const COMMIT = "0f1e2d3c4b5a69788796a5b4c3d2e1f001020304";
/** Of the first release's rows, those that a migration since has changed: what the law itself is made of. */
const LAW_TABLES = ["muster.migrations", "muster.transitions"];

let folder: string;
let postgres: TestPostgres;
let saved: Backup;

async function as<T>(user: string, database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ host: "127.0.0.1", port: postgres.port, database, user, password: "test" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const server: WithDatabase = (database, work) => as("postgres", database, work);
const run = (text: string) => server("postgres", (client) => client.query(text));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "muster-first-"));
  saved = unpackFirstRelease(folder);
  postgres = await startPostgres();
  // Loads it with the migrations of its time, and compares every row and object with what was saved.
  saved = await verifyBackup(saved, server, quiet, never);
  await run("alter database muster rename to first_release");
  await run("create database upgraded template first_release");
  await server("upgraded", (db) => runMigrations(db, { files: loadMigrations(), cliVersion: "0.1.0" }));
});
afterAll(async () => {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The upgraded board as a database of its own, so many seconds after it was saved: its leases move, for the clock is everybody's. */
async function upgradedBoard(name: string, laterSeconds: number): Promise<void> {
  await run(`create database ${name} template upgraded`);
  await server(name, async (db) => {
    const shift = "(clock_timestamp() - make_interval(secs => $2) - $1::timestamptz)";
    const values = [saved.manifest.createdAt, laterSeconds];
    await db.query("set session_replication_role = replica");
    await db.query(
      `update muster.leases set heartbeat_at = heartbeat_at + ${shift}, expires_at = expires_at + ${shift}`,
      values,
    );
    await db.query(`update os_tasks set lease_expires_at = lease_expires_at + ${shift}`, values);
  });
}

async function one(db: pg.Client, text: string, values: unknown[]): Promise<pg.QueryResultRow> {
  const { rows } = await db.query<pg.QueryResultRow>(text, values);
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`Expected one row, found ${rows.length}.`);
  return row;
}
const taskOf = (name: string, title: string) =>
  server(name, (db) => one(db, "select * from os_tasks where title = $1", [title]));
const userOf = (name: string, agent: string): Promise<string> =>
  server(name, async (db) => (await one(db, `select "user" from os_agents where name = $1`, [agent]))["user"]);

/** PATCHes a task by its title, as Directus does for that agent. */
async function patch(name: string, agent: string, title: string, fields: Fields): Promise<pg.QueryResultRow> {
  const [user, { id }] = await Promise.all([userOf(name, agent), taskOf(name, title)]);
  const [row] = await as("muster_directus", name, (db) => patchItems(db, user, "os_tasks", [id], fields));
  if (row === undefined) throw new Error(`"${title}" was not written.`);
  return row;
}

async function expectSoundTrail(name: string): Promise<void> {
  const trail = await server(name, (db) =>
    asOfNow(db, async () => ({ events: await verifyEvents(db, []), receipts: await verifyReceipts(db, []) })),
  );
  expect(trail).toMatchObject({ events: { breaks: [] }, receipts: { breaks: [] } });
}

it("holds words where tokens were", async () => {
  const rows = await server("first_release", async (db) => {
    const { rows: users } = await db.query<{ first_name: string; token: string }>(
      "select first_name, token from directus_users",
    );
    return users;
  });
  expect(rows).toHaveLength(10);
  for (const { first_name: name, token } of rows) expect(token).toBe(`no-secret-${name.toLowerCase()}`);
});

it("stands on migrations that nobody has changed since, and lacks the later ones", async () => {
  const files = loadMigrations();
  const { applied, pending, problems } = await server("first_release", (db) => migrationStatus(db, files));
  expect({ applied: applied.length, pending: pending.length, problems }).toEqual({
    applied: 15,
    pending: files.length - 15,
    problems: [],
  });
});

it("is, with them, what a new board is, and no row of it points nowhere", async () => {
  await server("upgraded", async (db) => {
    expect(diffCatalog(loadManifest(), await readCatalog(db)).flatMap(({ drift }) => drift)).toEqual([]);
    expect((await db.query(readSql("orphans.find"))).rows).toEqual([]);
  });
});

it("keeps every row and every value that it had", async () => {
  const facts = await server("upgraded", async (db) => {
    await prepareSession(db);
    const found = [];
    for (const { name, copyIn } of saved.manifest.tables) {
      const columns = /\((.*)\)/.exec(copyIn)?.[1];
      const content = "coalesce(sum(hashtextextended(x::text, 0)::numeric), 0)::text";
      const query = `select $1 as name, count(*)::text as rows, ${content} as content from (select ${columns} from ${name}) x`;
      found.push(await one(db, query, [name]));
    }
    return found;
  });
  const before = saved.manifest.tables.map(({ name, rows, content }) => ({ name, rows, content }));
  const isLaw = ({ name }: { readonly name?: string }) => name !== undefined && LAW_TABLES.includes(name);
  expect(facts.filter((table) => !isLaw(table))).toEqual(before.filter((table) => !isLaw(table)));
  expect(facts.filter(isLaw)).not.toEqual(before.filter(isLaw));
  await expectSoundTrail("upgraded");
});

it("is held by whoever held it: they renew, submit and judge by the fence of then, and nobody takes it from them", async () => {
  const name = "held";
  await upgradedBoard(name, 60);
  const taken = patch(name, "a01", "Failed once, held again", claim("another"));
  expect(await refusalOf(taken)).toMatchObject({ code: "MUSTER_CLAIM_CONFLICT" });
  const user = await userOf(name, "a03");
  const reserved = await taskOf(name, "Holds a path for itself");
  await as("muster_directus", name, (db) => callVerb(db, "heartbeat", user, reserved["id"], 1));
  const length =
    "select extract(epoch from expires_at - heartbeat_at)::int as seconds from muster.leases where task = $1";
  expect(await server(name, (db) => one(db, length, [reserved["id"]]))).toEqual({ seconds: reserved["lease_seconds"] });
  const submit = { status: "in_review", fence: 3, submitted_commit: COMMIT };
  expect(await patch(name, "a04", "Failed once, held again", submit)).toMatchObject({ status: "in_review" });
  const verdict = { status: "done", fence: 2, evidence: "Ran it: 12 passed." };
  expect(await patch(name, "a08", "Under review", verdict)).toMatchObject({ status: "done" });
  expect(await as("muster_directus", name, (db) => callVerb(db, "tick"))).toMatchObject({ ran: true, extended: 0 });
  expect(await taskOf(name, "Holds a path for itself")).toMatchObject({ status: "in_progress", claim_epoch: 1 });
  await expectSoundTrail(name);
});

it("frees what was held when its lease ran out, and tells so", async () => {
  const name = "abandoned";
  await upgradedBoard(name, 2 * 86_400);
  const held = await server(name, (db) => one(db, "select count(*)::int as count from muster.leases", []));
  const ticked = await as("muster_directus", name, (db) => callVerb(db, "tick"));
  expect(ticked).toMatchObject({ ran: true, expired: held["count"] });
  for (const [title, status] of [
    ["Failed once, held again", "ready"],
    ["Under review", "in_review"],
    ["Holds a path for itself", "ready"],
  ] as const) {
    expect(await taskOf(name, title), title).toMatchObject({ status, claim_session: null, lease_expires_at: null });
  }
  const open = await server(name, (db) => one(db, "select count(*)::int from os_claims where ended_at is null", []));
  expect(open).toEqual({ count: 0 });
  const late = patch(name, "a04", "Failed once, held again", {
    status: "in_review",
    fence: 3,
    submitted_commit: COMMIT,
  });
  expect(await refusalOf(late)).not.toBeNull();
  await expectSoundTrail(name);
});

it("is worked on: what waited is taken, a verb hands out the next, and a passed defect gets its receipt behind those of then", async () => {
  const name = "worked";
  await upgradedBoard(name, 60);
  const waited = "Waited for another task";
  expect(await patch(name, "a01", waited, claim("now"))).toMatchObject({ status: "in_progress", claim_epoch: 1 });
  const user = await userOf(name, "a02");
  const next = await as("muster_directus", name, (db) => callVerb(db, "claim_next", user, "now"));
  expect(next).toMatchObject({ task: { status: "in_progress" } });
  const steward = await server(name, (db) => one(db, "select id from directus_users where first_name = 'Admin'", []));
  const { project } = await taskOf(name, waited);
  const defect = {
    project,
    title: "Found after it",
    class: "bug",
    status: "ready",
    acceptance: [{ id: "a1", text: "Gone." }],
  };
  await as("muster_directus", name, (db) => createItem(db, steward["id"], "os_tasks", defect));
  await patch(name, "a04", defect.title, claim("now"));
  await patch(name, "a04", defect.title, { status: "in_review", fence: 1, submitted_commit: COMMIT });
  await patch(name, "a08", defect.title, claim("review"));
  await patch(name, "a08", defect.title, { status: "done", fence: 2, evidence: "Ran it: 12 passed." });
  const receipts = await server(name, (db) => asOfNow(db, () => verifyReceipts(db, [])));
  expect(receipts).toMatchObject({ receipts: 8, breaks: [] });
  await expectSoundTrail(name);
});

it("takes the place of a board of this release, brought to its schema before, as a new incarnation", async () => {
  const { name } = await postgres.createDatabase();
  await run(`alter database ${name} rename to muster`);
  const instanceId = "11111111-2222-4333-8444-555555555555";
  await server("muster", (db) => db.query("select muster.ensure_instance($1)", [instanceId]));
  const input = { backup: saved, instanceId, replaces: 1, highest: 1, keepAs: "muster_before_it", cliVersion: "0.1.0" };
  const token = new Secret("of-this-instance");
  const restore = (email: string) =>
    restoreBackup(
      {
        ...input,
        withDatabase: server,
        admit: (client) => admitAdministrator(client, { email, token }),
        announce: quiet,
      },
      quiet,
      never,
    );
  await expect(restore("nobody@example.com")).rejects.toMatchObject({ code: "CONFIG_VALUE_INVALID" });
  expect(await server("muster", (db) => one(db, "select count(*)::int from os_tasks", []))).toEqual({ count: 0 });
  await restore("operator@example.com");
  await server("muster", async (db) => {
    expect(diffCatalog(loadManifest(), await readCatalog(db)).flatMap(({ drift }) => drift)).toEqual([]);
    expect(await one(db, readSql("instance.find"), [])).toMatchObject({ instance_id: instanceId, incarnation: 2 });
    expect(await one(db, "select count(*)::int from muster.leases", [])).toEqual({ count: 0 });
    const tokens = "select first_name from directus_users where token = 'of-this-instance'";
    expect(await one(db, tokens, [])).toEqual({ first_name: "Admin" });
  });
  await expectSoundTrail("muster");
});
