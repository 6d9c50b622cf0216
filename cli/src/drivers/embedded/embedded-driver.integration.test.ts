/** The driver with real Postgres and the real search service, as root and as a plain user. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type DrivenInstance, drivenInstance } from "../../../../test/support/embedded/driven-instance.ts";
import { eventually, holdersOf, processesOf, treeDigest } from "../../../../test/support/processes.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { findProcess } from "../../host/process-table.ts";
import { findUser, isRoot } from "../../host/users.ts";
import { copyClosure, copySources } from "./staging/copy-package.ts";
import { loadLock, productionClosure } from "./staging/lock-closure.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..", "..", "..");
const NOBODY = findUser("nobody") ?? { uid: 65_534, gid: 65_534 };

let checkout: string;
let node: string;
/** Where tests find what their services run. A whole life, and who may read what, begin with a cache of their own that is empty. */
let cache: string;

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "muster-checkout-"));
  chmodSync(folder, 0o755);
  checkout = copyCheckout(folder);
  node = copyNode(folder);
  cache = join(folder, "cache");
  return () => rmSync(folder, { recursive: true, force: true });
});

function pidOf(result: { services: readonly { service: string; pid: number | null }[] }, service: string): number {
  return result.services.find((candidate) => candidate.service === service)?.pid ?? 0;
}

/** Starts, proves that a second start changes nothing, stops, and proves that nothing is left. */
async function expectWholeLife(instance: DrivenInstance, serviceUid: () => number | undefined): Promise<void> {
  const first = await instance.drive("up", "postgres", "rag");
  expect(first.changed).toEqual({ postgres: true, rag: true });
  for (const service of ["postgres", "rag"]) expect(findProcess(pidOf(first, service))?.uid).toBe(serviceUid());
  expect(
    await instance.query(
      "select current_setting('data_checksums') as checksums, datlocprovider as provider, datlocale as locale, pg_encoding_to_char(encoding) as encoding from pg_database where datname = 'muster'",
    ),
  ).toEqual({
    checksums: "on",
    provider: "b",
    locale: "C.UTF-8",
    encoding: "UTF8",
  });
  expect(
    await instance.query(
      "select array_agg(rolname || ' ' || rolcanlogin || ' ' || rolsuper order by rolname) as roles from pg_authid where rolname like 'muster%'",
    ),
  ).toEqual({
    roles: [
      "muster_directus true false",
      "muster_owner false false",
      "muster_portal true false",
      "muster_rag true false",
    ],
  });

  const second = await instance.drive("up", "postgres", "rag");
  expect(second.changed).toEqual({ postgres: false, rag: false });
  expect(second.services.map(({ pid }) => pid)).toEqual(first.services.map(({ pid }) => pid));

  expect((await instance.drive("down")).changed).toEqual({ down: true });
  expect(processesOf(instance.root)).toEqual([]);
  expect(holdersOf(instance.ports)).toEqual([]);
  expect(readdirSync(join(instance.state, "run"))).toEqual([]);
  expect((await instance.drive("down")).changed).toEqual({ down: false });
}

describe("a whole life of Postgres and search", () => {
  test.runIf(isRoot())("as root, the services run as the system user", async () => {
    const instance = await drivenInstance({ checkout });
    await expectWholeLife(instance, () => findUser("elk-os")?.uid);
  });

  test.runIf(isRoot())("as a plain user, everything is that user's", async () => {
    const instance = await drivenInstance({ checkout, node, runAs: NOBODY });
    await expectWholeLife(instance, () => NOBODY.uid);
  });

  test.skipIf(isRoot())("as the plain user who runs the tests", async () => {
    await expectWholeLife(await drivenInstance({ checkout }), () => process.getuid?.());
  });

  test.runIf(isRoot())("as root with checkout and Node below a 0700 home", async () => {
    const home = temporaryFolder();
    const closed = copyCheckout(home);
    const closedNode = copyNode(home);
    chmodSync(home, 0o700);
    const instance = await drivenInstance({ checkout: closed, node: closedNode });
    const first = await instance.drive("up", "postgres", "rag");
    expect(first.progress.filter((line) => line.startsWith("copying"))).toHaveLength(3);
    expect(findProcess(pidOf(first, "rag"))?.exe).toContain(join(instance.cache, "node-"));
    expect(readFileSync(join(instance.state, "data", "memory", "first.md"), "utf8")).toBe("# First\n");

    writeFileSync(join(closed, "memory", "second.md"), "# Second\n");
    expect((await instance.drive("up", "postgres", "rag")).changed).toEqual({ postgres: false, rag: false });
    expect(existsSync(join(instance.state, "data", "memory", "second.md"))).toBe(true);
    await instance.drive("down");
  });
});

describe("what a service may read", () => {
  test.runIf(isRoot())("is its own folder, which it cannot write, and no secret of the operator", async () => {
    const instance = await drivenInstance({ checkout });
    await instance.drive("up", "rag");
    const folder = statSync(join(instance.state, "run", "rag"));
    expect([folder.uid, folder.mode & 0o777]).toEqual([0, 0o750]);
    expect(statSync(join(instance.state, "run", "rag", "identity.key")).mode & 0o777).toBe(0o600);
    expect(statSync(join(instance.state, "secrets")).mode & 0o777).toBe(0o700);
    await instance.drive("down");
  });
});

describe("a kill -9", () => {
  test("of Postgres is followed by a restart, and what was committed is there", async () => {
    const instance = await drivenInstance({ checkout, cache });
    const first = await instance.drive("up", "postgres");
    await instance.query("create table kept as select 42 as answer");
    process.kill(pidOf(first, "postgres"), "SIGKILL");
    await eventually(
      "Postgres answers again",
      () => instance.query("select answer from kept").catch(() => null),
      30_000,
    );
    const second = await instance.drive("up", "postgres");
    expect(pidOf(second, "postgres")).not.toBe(pidOf(first, "postgres"));
    expect(second.services[0]).toMatchObject({ state: "running", restarts: 1 });
    await instance.drive("down");
  });

  test("of the supervisor changes no service but gives them a new watcher, and down still leaves nothing", async () => {
    const instance = await drivenInstance({ checkout, cache });
    const first = await instance.drive("up", "postgres", "rag");
    killSupervisor(instance);
    const second = await instance.drive("up", "postgres", "rag");
    // The first start finds nobody watching and puts a supervisor there; that is the change it reports.
    expect(second.changed).toEqual({ postgres: true, rag: false });
    expect(second.services.map(({ pid }) => pid)).toEqual(first.services.map(({ pid }) => pid));
    killSupervisor(instance);
    expect((await instance.drive("down")).changed).toEqual({ down: true });
    expect(processesOf(instance.root)).toEqual([]);
    expect(holdersOf(instance.ports)).toEqual([]);
  });

  test("of the supervisor with its records lost is mended by replacing the services, which prove themselves", async () => {
    const instance = await drivenInstance({ checkout, cache });
    const first = await instance.drive("up", "postgres", "rag");
    killSupervisor(instance);
    for (const name of ["postgres.json", "rag.json", "supervisor.json"]) rmSync(join(instance.state, "run", name));
    const second = await instance.drive("up", "postgres", "rag");
    expect(second.changed).toEqual({ postgres: true, rag: true });
    expect(findProcess(pidOf(first, "rag"))).toBeNull();
    await instance.drive("down");
    expect(processesOf(instance.root)).toEqual([]);
  });
});

test("an initdb that was interrupted is never taken for a cluster", async () => {
  const instance = await drivenInstance({ checkout, cache });
  mkdirSync(join(instance.state, "data", "postgres.init-1"), { recursive: true });
  writeFileSync(join(instance.state, "data", "postgres.init-1", "PG_VERSION"), "18\n");
  await instance.drive("up", "postgres");
  // Beside it lie the copies of what search reads, where root runs the services.
  const clusters = readdirSync(join(instance.state, "data")).filter((name) => name.startsWith("postgres"));
  expect(clusters).toEqual(["postgres"]);
  await instance.drive("down");
});

test("a changed setting replaces the service it concerns and no other", async () => {
  const instance = await drivenInstance({ checkout, cache });
  const first = await instance.drive("up", "postgres", "rag");
  writeFileSync(join(instance.state, "secrets", "rag_key"), "f".repeat(64));
  const second = await instance.drive("up", "postgres", "rag");
  expect(second.changed).toEqual({ postgres: false, rag: true });
  expect(pidOf(second, "postgres")).toBe(pidOf(first, "postgres"));
  await instance.drive("down");
});

describe("a taken port", () => {
  test("is refused before any write, for all ports at once, naming pid, executable and verdict", async () => {
    const instance = await drivenInstance({ checkout });
    await listen(instance.ports[2], '{"status":"ok"}');
    await listen(instance.ports[0], "not Postgres");
    const before = treeDigest(instance.root);
    const refusal = await instance.refused("up", "postgres", "rag");
    expect(refusal.code).toBe("PORT_TAKEN");
    const holder = { pid: process.pid, exe: process.execPath, verdict: "IMPOSTOR", address: "127.0.0.1" };
    expect(refusal.facts["ports"]).toMatchObject([
      { service: "postgres", port: instance.ports[0], ...holder },
      { service: "rag", port: instance.ports[2], ...holder },
    ]);
    expect(treeDigest(instance.root)).toBe(before);
  });

  test("by another Muster is called WRONG_INSTANCE", async () => {
    const other = await drivenInstance({ checkout, cache });
    await other.drive("up", "rag");
    const instance = await drivenInstance({ checkout, cache, ragPort: other.ports[2] });
    const refusal = await instance.refused("preflight");
    expect(refusal.facts["ports"]).toMatchObject([{ service: "rag", verdict: "WRONG_INSTANCE" }]);
    await other.drive("down");
  });

  test("by our own running service is no obstacle", async () => {
    const instance = await drivenInstance({ checkout, cache });
    await instance.drive("up", "postgres", "rag");
    await instance.drive("preflight");
    await instance.drive("down");
  });

  test("on the IPv6 loopback counts, because localhost may lead there", async () => {
    const instance = await drivenInstance({ checkout, cache });
    await listen(instance.ports[3], "hello", "::1");
    const refusal = await instance.refused("preflight");
    expect(refusal.facts["ports"]).toMatchObject([{ service: "portal", address: "::1" }]);
  });
});

function killSupervisor(instance: DrivenInstance): void {
  const record: unknown = JSON.parse(readFileSync(join(instance.state, "run", "supervisor.json"), "utf8"));
  process.kill(Number(Reflect.get(Object(record), "pid")), "SIGKILL");
}

async function listen(port: number, body: string, host = "127.0.0.1"): Promise<Server> {
  const server = createServer((_request, response) => void response.end(body));
  await new Promise<void>((listening) => server.listen(port, host, listening));
  onTestFinished(() => void server.close());
  return server;
}

/** A checkout with no more than these services need; nobody edits it while a test runs. */
function copyCheckout(folder: string): string {
  const copy = join(folder, "checkout");
  copySources(CHECKOUT, copy, [
    "package.json",
    "package-lock.json",
    "board",
    "cli",
    "rag",
    "profiles",
    "test/support/embedded",
  ]);
  const lock = loadLock(join(CHECKOUT, "package-lock.json"));
  for (const workspace of ["cli", "rag"]) copyClosure(CHECKOUT, copy, productionClosure(lock, workspace));
  for (const name of ["memory", "log"]) mkdirSync(join(copy, name));
  writeFileSync(join(copy, "memory", "first.md"), "# First\n");
  return copy;
}

/** A Node of its own, as the launcher installs one. */
function copyNode(folder: string): string {
  const node = join(folder, "node");
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  return node;
}
