/**
 * Containers over a Postgres that is none of them: a primary and a standby on this machine, reached by the address of a bridge that no container is on,
 * as one reaches another machine. Only the door knows the way.
 */
import { randomBytes } from "node:crypto";
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { upAnswer } from "../support/answers.ts";
import {
  gatherFleet,
  lostOf,
  onBoard,
  RECOVERY_TIMEOUT_MS,
  startFleet,
  waitForStandby,
} from "../support/claiming-fleet.ts";
import { type ComposeProject, findComposeProject } from "../support/compose-project.ts";
import { expectGreen, look } from "../support/doctor.ts";
import { type Engine, openEngine } from "../support/engine.ts";
import { freePorts } from "../support/ports.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { eventually, treeDigest } from "../support/processes.ts";
import { CHECKOUT, layOutStack, type Stack } from "../support/stack.ts";
import { asSuperuser, type Standby, startStandby } from "../support/standby.ts";
import { titleOrWhy } from "../support/title-or-why.ts";

const UP_MS = 20 * 60_000;
const PASSWORD = "geheim/und@lang";
const FLEET = { agents: 4, tasks: 300 };
const SERVICES = ["directus", "portal", "postgres", "rag"];
const CONTAINERS = ["caddy", "directus", "door", "portal", "rag"];
const TASKS = "select count(*)::int as tasks from public.os_tasks";

const engine: Engine = await openEngine();
if (engine.kind === "none") process.stderr.write(`compose: skipped, no engine can run here: ${engine.why}\n`);

const outside = `muster-outside-${randomBytes(4).toString("hex")}`;
let address: string;
let primary: TestPostgres;
let standby: Standby;
let stack: Stack;
let project: ComposeProject;

function docker(...args: readonly string[]): string {
  if (engine.kind === "none") throw new Error(engine.why);
  return engine.docker(...args);
}

const run = (...args: readonly string[]) => stack.run([...args, "--json"], { timeoutMs: UP_MS });
const urlOf = (hosts: string) => `postgres://boss:${encodeURIComponent(PASSWORD)}@${hosts}/muster`;
const serviceOf = (id: string) =>
  docker("inspect", "--format", '{{index .Config.Labels "com.docker.compose.service"}}', id).trim();
const innerNetwork = z.looseObject({ addresses: z.looseObject({ postgres: z.ipv4() }) });
const lines = (text: string) => text.trim().split("\n").sort();

describe.skipIf(engine.kind === "none")(titleOrWhy("compose with a Postgres elsewhere", engine), () => {
  beforeAll(async () => {
    if (engine.kind === "none") return;
    docker("network", "create", outside);
    address = docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", outside).trim();
    const listen = `listen_addresses=127.0.0.1,${address}`;
    primary = await startPostgres([], ["wal_keep_size=512MB", listen]);
    // The containers' network does not exist yet, and has no fixed address.
    appendFileSync(join(primary.dataFolder, "pg_hba.conf"), "host muster all 0.0.0.0/0 scram-sha-256\n");
    await asSuperuser(primary, async (client) => {
      await client.query("select pg_reload_conf()");
      await client.query(`create role boss login password '${PASSWORD}'`);
      await client.query("create database muster template template0 encoding 'UTF8'");
    });
    const [port = 0] = await freePorts(1);
    standby = await startStandby(primary, "one", port, [listen]);
    await waitForStandby(primary, "one");
    const url = urlOf(`${address}:${port},${address}:${primary.port}`);
    stack = await layOutStack({
      environment: { ...engine.environment, ELK_OS_DRIVER: "compose", ELK_OS_DATABASE_URL: url },
    });
  });
  afterAll(async () => {
    if (engine.kind === "none") return;
    try {
      await stack?.run(["reset", "--yes"], { timeoutMs: UP_MS });
      await stack?.dispose();
    } finally {
      await standby?.stop();
      await primary?.stop();
      docker("network", "rm", outside);
      await engine.stop();
    }
  });

  it("refuses an address at which a container finds itself, before anything is written", async () => {
    const environment = { ELK_OS_DATABASE_URL: urlOf(`${address}:${primary.port},127.0.0.1:${primary.port}`) };
    const refused = await stack.run(["up", "--json"], { environment });
    expect(refused).toMatchObject({ exit: 2, json: { error: { code: "CONFIG_VALUE_INVALID" } } });
    expect(refused.stdout).toContain("127.0.0.1 is that container itself");
    expect(treeDigest(stack.stateDir)).toBe("");
  });

  it("comes up to a green board with the door in Postgres's place", async () => {
    expect(await run("init")).toMatchObject({ exit: 0 });
    const { sql } = z.looseObject({ sql: z.string() }).parse((await run("plan", "--database-sql")).json);
    await onBoard(primary, sql);
    const up = await run("up");
    expect(up, up.stdout + up.stderr).toMatchObject({ exit: 0, json: { ok: true, driver: "compose" } });
    project = findComposeProject(docker, stack);
    expect(project.containers().map(serviceOf).sort()).toEqual(CONTAINERS);
    expect(
      lines(docker("volume", "ls", "--quiet", "--filter", `label=com.docker.compose.project=${project.name}`)),
    ).toEqual([`${project.name}_rag`, `${project.name}_uploads`]);
    const board = await look(stack);
    expect(board.red, JSON.stringify(board.red.map(board.find))).toEqual([]);
    const seen = board.find("PG-12").evidence;
    for (const said of [
      `${address}:${primary.port} takes writes`,
      "is a standby",
      "LISTEN and NOTIFY arrive",
      "a commit waits for a standby",
    ])
      expect(seen).toContain(said);
    const { addresses } = innerNetwork.parse(JSON.parse(readFileSync(join(stack.stateDir, "network.json"), "utf8")));
    for (const [id, said] of [
      ["DOCK-03", /door running, healthy/],
      ["DOCK-05", /door 0/],
      ["DOCK-07", /door [0-9a-f]{8}/],
      ["DOCK-08", new RegExp(`door [0-9a-f]{12} ${addresses.postgres}(,|$)`)],
      ["DOCK-09", /door \d+ of 128 MiB/],
      ["DOCK-10", /5 containers/],
      ["IMG-04", /node:/],
      ["PORT-01", new RegExp(`${stack.ports.postgres} postgres pid \\d+`)],
    ] as const)
      expect(board.find(id), id).toMatchObject({ status: "pass", evidence: expect.stringMatching(said) });
    const { status, evidence } = board.find("NET-01");
    expect([status, ...evidence.split(", ").sort()]).toEqual(["pass", "directus", "portal", "rag"]);
  });

  it("does nothing the second time", async () => {
    const before = project.containers();
    expect(upAnswer.parse((await run("up")).json)).toMatchObject({ ok: true, changed: 0, doctor: { fail: 0 } });
    expect(project.containers()).toEqual(before);
  });

  it("lets the door in from the inner network alone, and shows it to whoever asks", async () => {
    const door = project.container("door");
    const networks = JSON.parse(docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", door)) as Record<
      string,
      { IPAddress: string }
    >;
    const ask = (network: string) => {
      const host = networks[`${project.name}_${network}`]?.IPAddress;
      const script = `require('node:net').connect(${stack.ports.postgres}, '${host}').on('connect', () => process.exit(0)).on('error', (error) => { console.log(error.code); process.exit(0); })`;
      return docker("exec", door, "node", "-e", script).trim();
    };
    expect([ask("back"), ask("edge")]).toEqual(["", "ECONNREFUSED"]);

    const file = ["--env-file", join(stack.stateDir, "run", "compose.env"), "--file", join(CHECKOUT, "compose.yaml")];
    expect(lines(docker("compose", ...file, "ps", "--services"))).toEqual(CONTAINERS);
    const status = z.looseObject({ services: z.array(z.looseObject({ service: z.string(), state: z.string() })) });
    const { services } = status.parse((await run("status")).json);
    expect(services.map(({ service, state }) => `${service} ${state}`).sort()).toEqual(
      SERVICES.map((service) => `${service} running`),
    );
    const logs = z.object({ merged: z.array(z.looseObject({ service: z.string(), line: z.string() })) });
    const { merged } = logs.parse((await run("logs", "--merge", "--lines", "50")).json);
    expect([...new Set(merged.map(({ service }) => service))].sort()).toEqual(["caddy", ...SERVICES]);
    const told = merged.filter(({ service }) => service === "postgres").map(({ line }) => line);
    expect(told.join("\n")).toContain(`${address}:${primary.port} takes writes`);
  });

  it("keeps the address to itself", () => {
    const places = [
      docker("inspect", ...project.containers()),
      ...project.containers().map((id) => docker("logs", id)),
    ];
    for (const file of readdirSync(join(stack.stateDir, "run"), { recursive: true, withFileTypes: true }))
      if (file.isFile()) places.push(readFileSync(join(file.parentPath, file.name), "utf8"));
    expect(places.length).toBeGreaterThan(20);
    for (const word of [PASSWORD, encodeURIComponent(PASSWORD)])
      expect(places.some((text) => text.includes(word))).toBe(false);
  });

  it("saves the board and proves the copy in a container, and leaves putting one back to the server", async () => {
    expect(await run("backup", "create")).toMatchObject({ exit: 0, json: { ok: true, backup: { valid: true } } });
    expect(await run("restore", "latest", "--yes")).toMatchObject({
      exit: 12,
      json: { error: { code: "DATABASE_ELSEWHERE" } },
    });
    expect(docker("ps", "--all", "--quiet", "--filter", `label=io.muster.scratch=${project.name}`)).toBe("");
  });

  it("replaces a service's password there, where the login may", async () => {
    await asSuperuser(primary, async (client) => {
      await client.query("alter role boss createrole");
      await client.query("grant muster_portal to boss with admin option");
    });
    const door = project.container("door");
    const rotated = await run("secrets", "rotate", "muster_portal_password");
    expect(rotated, rotated.stdout + rotated.stderr).toMatchObject({ exit: 0, json: { ok: true } });
    expect(project.container("door")).toBe(door);
  });

  it("loses no acknowledged claim when the primary dies under load, and no container is started again", async ({
    annotate,
  }) => {
    const racers = await gatherFleet(stack, primary, FLEET);
    const before = project.containers();
    const fleet = startFleet(stack, racers);
    await eventually("the fleet claims", () => fleet.claims.length >= 40, RECOVERY_TIMEOUT_MS);
    await primary.kill();
    const acknowledged = fleet.claims.length;
    await standby.promote();
    await eventually("the fleet claims again", () => fleet.claims.length >= acknowledged + 30, RECOVERY_TIMEOUT_MS);
    await fleet.stop();
    expect(await lostOf(fleet.claims, standby)).toEqual([]);
    expect(new Set(fleet.claims.map(({ task }) => task)).size).toBe(fleet.claims.length);
    await annotate(`${fleet.claims.length} claims acknowledged, ${fleet.broken} requests failed, 0 lost`);
    await expectGreen(stack);
    expect(project.containers()).toEqual(before);
    expect(lines(docker("inspect", "--format", "{{.RestartCount}}", ...before))).toEqual(before.map(() => "0"));
    expect(await run("failover", "--yes")).toMatchObject({ exit: 0, json: { ok: true, incarnation: 2 } });
  });

  it("does not take a Postgres of its own for the board when the address is gone", async () => {
    const refused = await stack.run(["status", "--json"], {
      environment: { ELK_OS_DATABASE_URL: "", ELK_OS_DATABASE_URL_FILE: "" },
    });
    expect(refused.json).toMatchObject({ error: { code: "DATABASE_CHANGED" } });
  });

  it("goes without a trace and leaves the server as it is, until it is told to empty the database", async () => {
    const before = await onBoard(standby, TASKS);
    expect(await run("down")).toMatchObject({ exit: 0 });
    expect([project.containers(), project.networks()]).toEqual([[], []]);
    expect(await onBoard(standby, TASKS)).toEqual(before);
    const emptied = await run("reset", "--yes", "--drop-database");
    expect(emptied, emptied.stdout + emptied.stderr).toMatchObject({ exit: 0 });
    expect(project.volumes()).toEqual([]);
    expect(await onBoard(standby, "select to_regclass('public.os_tasks') as board")).toEqual([{ board: null }]);
  });
});
