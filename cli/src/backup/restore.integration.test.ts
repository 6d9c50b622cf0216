/** A backup takes the place of a real board, and the trail knows what was lost by it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EventsReport, takeCheckpoint, verifyEvents, verifyReceipts } from "@muster/board/trail/verify-trail";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Fields, patchItems } from "../../../test/support/directus-writes.ts";
import { claim, makeLawFixture } from "../../../test/support/law-fixture.ts";
import { startPostgres, type TestPostgres } from "../../../test/support/postgres.ts";
import { appendLog } from "../memory/append-log.ts";
import { verifyLog } from "../memory/verify-log.ts";
import { readCheckpoints, writeCheckpoint } from "../trail/checkpoints.ts";
import { findLastMoment, type TrailPlaces } from "../trail/list-moments.ts";
import { asOfNow } from "../trail/open-trail.ts";
import { dropUnfinished, recordRestores, unrecordedBreaks } from "../trail/record-restores.ts";
import { listWitnesses, writeWitness } from "../trail/restore-witness.ts";
import { announceRestore } from "./announce-restore.ts";
import { type Backup, getBackup } from "./backup-folder.ts";
import { createBackup } from "./create-backup.ts";
import type { WithDatabase } from "./database.ts";
import { type Incoming, restoreBackup } from "./restore-backup.ts";

const INSTANCE = "11111111-2222-4333-8444-555555555555";
const never = new AbortController().signal;
const quiet = () => undefined;
let postgres: TestPostgres;
let state: string;
let places: TrailPlaces;
let backups: string;
let task: string;
let agent: string;

const server: WithDatabase = (database, work) => as("postgres", database, work);

async function as<T>(user: string, database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ host: "127.0.0.1", port: postgres.port, database, user, password: "test" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const board = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> =>
  server("muster", (client) => asOfNow(client, () => work(client)));
const write = (text: string, values: unknown[] = []) => server("muster", (client) => client.query(text, values));
const patch = (fields: Fields) =>
  as("muster_directus", "muster", (client) => patchItems(client, agent, "os_tasks", [task], fields));
const note = (text: string) => write("select muster.add_note($1, $2, $3)", [agent, task, text]);

const checkpoint = () =>
  board(async (client) => {
    const { checkpoint: made, heads } = await takeCheckpoint(client, new Date());
    expect(await writeCheckpoint(places, made, heads)).not.toBeNull();
    return made;
  });

const verify = () => board((client) => verifyEvents(client, readCheckpoints(places)));
const receipts = () => board((client) => verifyReceipts(client, readCheckpoints(places)));
const record = () => board((client) => recordRestores(client, places));
const lostAt = ({ lost }: EventsReport) => lost.map(({ at }) => at);

function save(): Promise<Backup> {
  const input = { folder: backups, withDatabase: server, cliVersion: "0.1.0", build: "dev", now: new Date() };
  return createBackup(input, quiet, never);
}

/** As the command does it, up to the swap. */
function swap(backup: Backup, replaces: number): Promise<void> {
  const boards = { backup, instanceId: INSTANCE, replaces, highest: replaces, keepAs: `muster_before_${replaces}` };
  const input = { ...boards, cliVersion: "0.1.0" };
  const announce = (incoming: Incoming) => announceRestore(places, input, incoming);
  return restoreBackup({ ...input, withDatabase: server, admit: async () => undefined, announce }, quiet, never);
}

beforeAll(async () => {
  postgres = await startPostgres();
  state = mkdtempSync(join(tmpdir(), "muster-restore-"));
  backups = join(state, "backups");
  places = { log: join(state, "log"), heads: join(state, "checkpoints"), restores: join(state, "restores") };
  mkdirSync(places.log);
  const law = await makeLawFixture(postgres);
  await law.admin.query("select muster.ensure_instance($1)", [INSTANCE]);
  ({ id: task } = await law.submittedTask({ title: "Mend it", class: "bug" }));
  agent = law.agents.b1;
  await law.admin.end();
  await law.directus.end();
  await server("postgres", (client) => client.query(`alter database ${law.database.name} rename to muster`));
});
afterAll(async () => {
  await postgres?.stop();
  if (state !== undefined) rmSync(state, { recursive: true, force: true });
});

it("a restore that dies after its swap is a failure until it is recorded, and then what it lost is none", async () => {
  await checkpoint();
  const saved = await save();
  await patch(claim("review"));
  await patch({ status: "done", fence: 2, evidence: "Ran it." });
  await note("Written in the time that is lost.");
  const lost = await checkpoint();
  expect(lost.receipts.count).toBe(1);

  await swap(saved, 1);
  expect(await board((db) => unrecordedBreaks(db, places))).toMatchObject([{ code: "RESTORE_UNRECORDED" }]);
  expect((await verify()).breaks).toMatchObject([{ what: expect.stringContaining(lost.at) }]);
  expect((await receipts()).breaks).toMatchObject([{ expected: lost.receipts.head }]);

  expect(await record()).toMatch(/^log\/\d{4}-\d{2}-\d{2}\.md$/);
  expect(await record()).toBeNull();
  expect(await board((db) => unrecordedBreaks(db, places))).toEqual([]);
  const report = await verify();
  expect(report).toMatchObject({ checkpoints: 2, restores: 1, breaks: [] });
  expect(report.lost).toMatchObject([{ at: lost.at, last_id: lost.last_id, backup: saved.id }]);
  expect(await receipts()).toMatchObject({ receipts: 0, lost: [{ at: lost.at }], breaks: [] });
  expect(verifyLog(places.log).problems).toEqual([]);
  expect(findLastMoment(places, INSTANCE)?.checkpoint).toMatchObject({ incarnation: 2 });
  await expect(writeCheckpoint(places, lost, {})).rejects.toMatchObject({ code: "BOARD_UNREACHABLE" });
});

it("that board is planned for and read as it is: its statements wait for no autovacuum", async () => {
  const counted = "select from pg_stats where schemaname = 'public' and tablename = 'os_tasks' and attname = 'status'";
  expect((await write(counted)).rowCount).toBe(1);
  const visible =
    "select from pg_class where oid = 'public.os_events'::regclass and relpages > 0 and relallvisible = relpages";
  expect((await write(visible)).rowCount).toBe(1);
});

it("a record that nobody in the state folder bears witness to is a failure, and so is a restored board that was cut", async () => {
  const [real] = readCheckpoints(places).flatMap(({ restored }) => restored?.restore ?? []);
  const log = join(places.log, `${new Date().toISOString().slice(0, 10)}.md`);
  const [text, chain] = [readFileSync(log), readFileSync(join(places.log, "chain.jsonl"))];
  await appendLog(places.log, {
    title: "Restored",
    body: JSON.stringify({ ...real, at: new Date().toISOString(), incarnation: { before: 2, after: 2 } }),
  });
  expect((await verify()).breaks).toMatchObject([{ chain: "restores", code: "RESTORE_UNWITNESSED" }]);
  expect((await receipts()).breaks).toMatchObject([{ code: "RESTORE_UNWITNESSED" }]);
  // As git brings an earlier log back.
  writeFileSync(log, text);
  writeFileSync(join(places.log, "chain.jsonl"), chain);
  expect((await verify()).breaks).toEqual([]);

  await write(
    "set session_replication_role = replica; create table kept as select * from os_events where entity = 'os_agents'",
  );
  await write("set session_replication_role = replica; delete from os_events where entity = 'os_agents'");
  const cut = await verify();
  expect(cut.lost).toEqual([]);
  expect(cut.breaks).toContainEqual(
    expect.objectContaining({ chain: expect.stringMatching(/^os_agents /), code: "RESTORE_HEADS" }),
  );
  await write(
    "set session_replication_role = replica; insert into os_events overriding system value select * from kept; drop table kept",
  );
  expect((await verify()).breaks).toEqual([]);
});

it("a restore of the same backup again is another incarnation, and names what both lost", async () => {
  const saved = getBackup(backups, "latest");
  const first = findLastMoment(places, INSTANCE)?.checkpoint;
  await note("Written after the first restore.");
  const second = await checkpoint();
  await swap(saved, 2);
  expect(await record()).not.toBeNull();
  const report = await verify();
  expect(report).toMatchObject({ checkpoints: 3, restores: 2, breaks: [] });
  expect(lostAt(report)).toHaveLength(3);
  expect(lostAt(report)).toEqual(expect.arrayContaining([first?.at, second.at]));
  expect(listWitnesses(places.restores).map(({ facts }) => facts.incarnation)).toEqual([
    { before: 1, after: 2 },
    { before: 2, after: 3 },
  ]);
});

it("a restore that died before its swap is none, and the next one forgets it", async () => {
  const [done] = listWitnesses(places.restores);
  if (done === undefined) throw new Error("No restore was announced.");
  const incarnation = { before: 3, after: 4 };
  writeWitness(places.restores, { facts: { ...done.facts, incarnation }, database: "1" });
  expect(await record()).toBeNull();
  expect(await board((client) => unrecordedBreaks(client, places))).toEqual([]);
  await board((client) => dropUnfinished(client, places));
  expect(listWitnesses(places.restores).map(({ facts }) => facts.incarnation.after)).toEqual([2, 3]);
});
