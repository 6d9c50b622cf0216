/**
 * The stack on a Postgres that it does not run: a primary and standbys, a login without superuser's rights, and two failovers under load.
 * A commit that waited for a standby is never lost; one that did not may be, and nobody who was told of it is believed afterwards.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import type { Racer } from "../../scripts/race/doors.ts";
import {
  type Claim,
  gatherFleet,
  lostOf,
  onBoard,
  RECOVERY_TIMEOUT_MS,
  startFleet,
  waitForStandby,
} from "../support/claiming-fleet.ts";
import { expectGreen, look, pidsOf } from "../support/doctor.ts";
import { freePorts } from "../support/ports.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { eventually, treeDigest } from "../support/processes.ts";
import { layOutStack, type Stack } from "../support/stack.ts";
import { asSuperuser, type Standby, startStandby } from "../support/standby.ts";
import { rest } from "../support/verb-doors.ts";

const PASSWORD = "geheim/und@lang";
const AGENTS = 6;
const TASKS = 500;
const SERVICES = ["postgres", "directus", "rag", "portal"];

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
  await waitForStandby(primary, "one");
  racers = await gatherFleet(stack, primary, { agents: AGENTS, tasks: TASKS });
  const pids = await pidsOf(stack, SERVICES);

  const fleet = startFleet(stack, racers);
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

  const fleet = startFleet(stack, racers);
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
