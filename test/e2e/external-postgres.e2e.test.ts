/**
 * The stack on a Postgres that it does not run: a primary and standbys, a login without superuser's rights, and two failovers under load.
 * A commit that waited for a standby is never lost; one that did not may be, and nobody who was told of it is believed afterwards.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { wantedDirectus } from "../../cli/src/stack/directus-admin.ts";
import type { Racer } from "../../scripts/race/doors.ts";
import { addTasks, ensureProject, findSteward, gatherRacers } from "../../scripts/race/field.ts";
import { expectGreen, look, pidsOf } from "../support/doctor.ts";
import { freePorts } from "../support/ports.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { eventually, treeDigest } from "../support/processes.ts";
import { CHECKOUT, layOutStack, type Stack } from "../support/stack.ts";
import { asSuperuser, type Server, type Standby, startStandby } from "../support/standby.ts";
import { rest } from "../support/verb-doors.ts";

const PASSWORD = "geheim/und@lang";
const AGENTS = 6;
const TASKS = 500;
/** Directus gives up a broken connection at its next use, and its pressure limiter holds a loaded machine back. */
const RECOVERY_TIMEOUT_MS = 120_000;
const SERVICES = ["postgres", "directus", "rag", "portal"];

interface Claim {
  readonly task: string;
  readonly fence: number;
  readonly racer: Racer;
}

let stack: Stack;
let primary: TestPostgres;
const standbys: Standby[] = [];
let racers: readonly Racer[] = [];

beforeAll(async () => {
  primary = await startPostgres([], ["wal_keep_size=512MB"]);
  await asSuperuser(primary, async (client) => {
    await client.query(`create role boss login password '${PASSWORD}'`);
    await client.query("create database muster template template0 encoding 'UTF8'");
  });
  const [first = 0, second = 0] = await freePorts(2);
  standbys.push(await startStandby(primary, "one", first));
  const hosts = [first, second, primary.port].map((port) => `127.0.0.1:${port}`).join(",");
  const url = `postgres://boss:${encodeURIComponent(PASSWORD)}@${hosts}/muster?target_session_attrs=read-write`;
  stack = await layOutStack({ environment: { ELK_OS_DATABASE_URL: url } });
  secondPort = second;
});
let secondPort = 0;

afterAll(async () => {
  await stack?.dispose();
  for (const standby of standbys) await standby.stop();
  await primary?.stop();
});

const onBoard = <Row extends pg.QueryResultRow>(server: Pick<Server, "port">, text: string, values: unknown[] = []) =>
  asSuperuser(server, async (client) => (await client.query<Row>(text, values)).rows, "muster");

it("names the rights that its login lacks before anything is written, and the statements that give them", async () => {
  const refused = await stack.run(["up", "--json"]);
  expect(refused).toMatchObject({ exit: 5, json: { error: { code: "DATABASE_RIGHTS_MISSING" } } });
  expect(treeDigest(stack.stateDir)).toBe("");

  expect(await stack.run(["init", "--json"])).toMatchObject({ exit: 0 });
  const planned = await stack.run(["plan", "--database-sql", "--json"]);
  const { sql } = z.object({ login: z.literal("boss"), sql: z.string() }).parse(planned.json);
  await onBoard(primary, sql);
});

it("comes up on it to a green board, and does nothing the second time", async () => {
  const up = await stack.run(["up", "--json"]);
  expect(up, up.stdout + up.stderr).toMatchObject({ exit: 0, json: { ok: true } });
  const board = await look(stack);
  expect(board.red).toEqual([]);
  const seen = board.find("PG-12").evidence;
  for (const said of [
    `127.0.0.1:${standbys[0]?.port} is a standby, 127.0.0.1:${secondPort} does not answer, 127.0.0.1:${primary.port} takes writes`,
    "LISTEN and NOTIFY arrive",
    "one streaming async",
    "a commit waits for no standby",
  ])
    expect(seen).toContain(said);
  expect(await stack.run(["up", "--json"])).toMatchObject({ exit: 0, json: { changed: 0 } });
});

it("keeps the address to itself", () => {
  const plain = [PASSWORD, encodeURIComponent(PASSWORD)];
  const places = [
    join(stack.stateDir, "config.json"),
    join(stack.stateDir, "journal.jsonl"),
    ...filesBelow(join(stack.stateDir, "logs")),
    ...filesBelow(join(stack.stateDir, "run")),
  ];
  expect(places.length).toBeGreaterThan(10);
  for (const file of places) for (const word of plain) expect(readFileSync(file, "utf8"), file).not.toContain(word);
  const commands = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  for (const pid of commands) for (const word of plain) expect(commandOf(pid)).not.toContain(word);
});

it("saves the board and proves the copy, and leaves putting one back to the server", async () => {
  const created = await stack.run(["backup", "create", "--json"]);
  expect(created).toMatchObject({ exit: 0, json: { ok: true, backup: { valid: true } } });
  const restored = await stack.run(["restore", "latest", "--yes", "--json"]);
  expect(restored).toMatchObject({ exit: 12, json: { error: { code: "DATABASE_ELSEWHERE" } } });
});

it("loses no acknowledged claim when the primary dies under load and commits waited for the standby", async ({
  annotate,
}) => {
  const [standby] = standbys;
  if (standby === undefined) throw new Error("There is no standby.");
  await asSuperuser(primary, async (client) => {
    await client.query("alter system set synchronous_standby_names = 'one'");
    await client.query("select pg_reload_conf()");
    const isSynchronous = async () =>
      (await client.query("select from pg_stat_replication where sync_state = 'sync'")).rows.length === 1;
    await eventually("the standby is synchronous", isSynchronous, RECOVERY_TIMEOUT_MS);
  });
  await gatherFleet();
  const pids = await pidsOf(stack, SERVICES);

  const fleet = startFleet();
  await eventually("the fleet claims", () => fleet.claims.length >= 60, RECOVERY_TIMEOUT_MS);
  await primary.kill();
  const before = fleet.claims.length;
  await standby.promote();
  await eventually("the fleet claims again", () => fleet.claims.length >= before + 40, RECOVERY_TIMEOUT_MS);
  await fleet.stop();

  expect(await lostOf(fleet.claims, standby)).toEqual([]);
  expect(new Set(fleet.claims.map(({ task }) => task)).size).toBe(fleet.claims.length);
  await annotate(`${fleet.claims.length} claims acknowledged, ${fleet.broken} requests failed, 0 lost`);
  // Nobody was started again for it.
  expect(await pidsOf(stack, SERVICES)).toEqual(pids);
  await expectGreen(stack);
});

it("counts what an asynchronous failover lost, and then believes nobody who held a claim before", async ({
  annotate,
}) => {
  const [old] = standbys;
  if (old === undefined) throw new Error("There is no primary.");
  const standby = await startStandby(old, "two", secondPort);
  standbys.push(standby);
  // What the standby has not got by now it never gets.
  await standby.detach();

  const fleet = startFleet();
  await eventually("the fleet claims", () => fleet.claims.length >= 30, RECOVERY_TIMEOUT_MS);
  await old.kill();
  const acknowledged = [...fleet.claims];
  const isStopped = fleet.stop();
  // Counted before it takes writes: a request still under way may win the same task with the same fence from it.
  const lost = await lostOf(acknowledged, standby);
  expect(lost).toEqual(acknowledged);
  await standby.promote();
  await isStopped;
  await annotate(`${acknowledged.length} claims acknowledged, ${lost.length} lost`);

  const taken = await onBoard<{ task: string }>(standby, "select task::text as task from public.os_claims");
  const first = lost.find(({ task }) => !taken.some((claim) => claim.task === task));
  const other = racers.find((racer) => racer !== first?.racer);
  if (first === undefined || other === undefined) throw new Error("Nothing was lost.");
  const again = await claimOf(first.task, other);
  // Two agents hold the same fence of one task: this is why the operator has to say that there was a failover.
  expect(again.fence).toBe(first.fence);

  expect(await stack.run(["failover", "--json"])).toMatchObject({
    exit: 12,
    json: { error: { code: "DESTRUCTIVE_REFUSED" } },
  });
  expect(await stack.run(["failover", "--yes", "--json"])).toMatchObject({
    exit: 0,
    json: { ok: true, incarnation: 2 },
  });
  for (const { racer, fence } of [first, again]) {
    const late = await rest(stack.urls.directus, racer.token, "release", { task: first.task, fence, reason: "Late." });
    expect(late).toMatchObject({ ok: false, status: 412, code: "MUSTER_FENCED" });
  }
  expect((await claimOf(first.task, other)).fence).toBeGreaterThan(first.fence + 1_000);
  await expectGreen(stack);
});

it("stops without it, and leaves it as it is", async () => {
  const server = standbys.at(-1);
  if (server === undefined) throw new Error("There is no primary.");
  const tasks = "select count(*)::int as tasks from public.os_tasks";
  const before = await onBoard(server, tasks);
  expect(await stack.run(["down", "--json"])).toMatchObject({ exit: 0 });
  expect(await onBoard(server, tasks)).toEqual(before);
  expect(await stack.run(["reset", "--yes", "--json"])).toMatchObject({ exit: 0 });
  expect(await onBoard(server, tasks)).toEqual(before);
  // The state folder is another instance's by now, and no password of that one is changed by it.
  expect(await stack.run(["up", "--json"])).toMatchObject({
    exit: 10,
    json: { error: { code: "DATABASE_OF_ANOTHER" } },
  });
});

/** Agents that may hold many tasks each, and tasks for all of them. */
async function gatherFleet(): Promise<void> {
  const admin = {
    url: stack.urls.directus,
    token: stack.secret("directus_admin_token"),
    signal: AbortSignal.timeout(RECOVERY_TIMEOUT_MS),
  };
  racers = await gatherRacers(admin, wantedDirectus({ checkout: CHECKOUT }).ids, AGENTS, TASKS);
  const project = await ensureProject(admin);
  await asSuperuser(
    primary,
    async (client) => void (await addTasks(client, await findSteward(client), project, TASKS, "Failover")),
    "muster",
  );
}

/** Every agent claims one task after the other through Directus until it is told to stop. A request that fails was not acknowledged. */
function startFleet() {
  const claims: Claim[] = [];
  let broken = 0;
  let isStopped = false;
  const answer = z.looseObject({
    claimed: z.boolean(),
    fence: z.int().optional(),
    task: z.looseObject({ id: z.string() }).optional(),
  });
  const work = async (racer: Racer) => {
    while (!isStopped) {
      try {
        const got = await rest(stack.urls.directus, racer.token, "next", { session: racer.session, project: "race" });
        const { fence, task } = got.ok ? answer.parse(got.answer) : {};
        if (fence !== undefined && task !== undefined) claims.push({ task: task.id, fence, racer });
        else broken += 1;
      } catch {
        // Directus answered no JSON: its own error page, or nothing.
        broken += 1;
      }
    }
  };
  const ended = Promise.all(racers.map(work));
  return {
    claims,
    get broken() {
      return broken;
    },
    async stop() {
      isStopped = true;
      await ended;
    },
  };
}

async function lostOf(claims: readonly Claim[], server: Pick<Server, "port">): Promise<readonly Claim[]> {
  const kept = await onBoard<{ name: string }>(
    server,
    "select concat_ws(' ', task, epoch, holder) as name from public.os_claims",
  );
  const known = new Set(kept.map(({ name }) => name));
  return claims.filter(({ task, fence, racer }) => !known.has(`${task} ${fence} ${racer.user}`));
}

/** Claims a named task, as soon as Directus reaches the database again. */
async function claimOf(task: string, racer: Racer): Promise<Claim> {
  let claim: Claim | null = null;
  const isClaimed = async () => {
    const got = await rest(stack.urls.directus, racer.token, "next", { session: racer.session, task }).catch(
      () => null,
    );
    if (got?.ok !== true) return false;
    claim = { task, racer, fence: z.int().parse(got.answer["fence"]) };
    return true;
  };
  await eventually(`${racer.name} claims`, isClaimed, RECOVERY_TIMEOUT_MS);
  if (claim === null) throw new Error("No claim.");
  return claim;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    // It has ended.
    return "";
  }
}
