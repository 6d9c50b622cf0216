/** Codes 5 to 12 and signals: work that was refused before it began, stopped, ended by somebody else, or never got done; and the modes of what it makes. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { errorOf, openPlace } from "../../../test/support/cli-place.ts";
import { openFolder, runCli } from "../../../test/support/run-cli.ts";
import { isRoot } from "../host/users.ts";
import { findHolder } from "../state/lock.ts";
import { beginRecord } from "../upgrade/begin.ts";

describe("5: nothing was changed", () => {
  test("when a port is taken, naming who holds it", async () => {
    const { run, stateDir } = openPlace();
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const ended = await run("init --json", { environment: { ELK_OS_RAG_PORT: String(port) } });
    expect(ended.code).toBe(5);
    expect(errorOf(ended)).toMatchObject({
      code: "PORT_TAKEN",
      facts: { ports: [{ service: "rag", port, pid: process.pid, exe: process.execPath }] },
    });
    expect(existsSync(stateDir)).toBe(false);
  });

  test("when the machine is too small", async () => {
    const { run, stateDir } = openPlace();
    const ended = await run("init --json", { environment: { ELK_OS_MEMORY_BUDGET_MB: "99999999" } });
    expect(ended.code).toBe(5);
    expect(errorOf(ended)).toMatchObject({ code: "PREFLIGHT_FAILED", facts: { checks: ["HOST-01"] } });
    expect(existsSync(stateDir)).toBe(false);
  });

  test("when the compose driver is asked for and no engine answers", async () => {
    const { run, stateDir } = openPlace();
    const environment = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
    const ended = await run("init --driver compose --json", { environment });
    expect(ended.code).toBe(5);
    expect(errorOf(ended)).toMatchObject({ code: "PREFLIGHT_FAILED", exit: 5 });
    expect(existsSync(stateDir)).toBe(false);
  });

  // Who is not root is refused before the engine is asked. The stand-in takes every other command, so that nothing else would refuse.
  test.runIf(isRoot())("when the compose driver is asked for and the engine is too old for compose.yaml", async () => {
    const { run, stateDir } = openPlace();
    const programs = openFolder();
    const says = `case "$1" in version) echo 24.0.7;; compose) echo 2.30.3;; esac`;
    writeFileSync(join(programs, "docker"), `#!/bin/sh\n${says}\n`, { mode: 0o755 });
    const environment = { PATH: `${programs}:${process.env["PATH"]}` };
    const ended = await run("init --driver compose --json", { environment });
    expect(ended.code).toBe(5);
    expect(errorOf(ended)).toMatchObject({
      code: "PREFLIGHT_FAILED",
      message: "The Docker engine is 24.0.7; at least 25.0 is needed.",
      facts: { engine: "24.0.7", compose: "2.30.3" },
    });
    expect(existsSync(stateDir)).toBe(false);
  });

  test("when the state folder cannot be made", async () => {
    const blocked = join(openFolder(), "file");
    writeFileSync(blocked, "");
    const ended = await openPlace().run("migrate --json", {
      environment: { ELK_OS_STATE_DIR: join(blocked, "state") },
    });
    expect(ended.code).toBe(5);
    expect(errorOf(ended)).toMatchObject({ code: "STATE_UNREADABLE", exit: 5 });
  });

  test("when the state folder was never initialised, or its instance is damaged", async () => {
    const { run, stateDir } = openPlace();
    await run("init");
    writeFileSync(join(stateDir, "instance.json"), "{ torn");
    const ended = await run("status --json");
    expect(ended.code).toBe(5);
    expect(errorOf(ended)).toMatchObject({ code: "STATE_UNREADABLE" });
  });
});

test("5: there is no upgrade to undo, its record is damaged; one that had changed nothing is given up with 0", async () => {
  const { run, stateDir } = openPlace();
  await run("init");
  const record = join(stateDir, "upgrade.json");
  const none = await run("rollback --yes --json");
  expect(none.code).toBe(5);
  expect(errorOf(none)).toMatchObject({ code: "UPGRADE_REFUSED" });
  writeFileSync(record, "{ torn");
  const damaged = await run("rollback --yes --json");
  expect(damaged.code).toBe(5);
  expect(errorOf(damaged)).toMatchObject({ code: "STATE_UNREADABLE", message: expect.stringContaining(record) });
  const from = { commit: "a".repeat(40), version: "0.1.0", ref: "main" };
  const to = { commit: "b".repeat(40), version: "0.2.0" };
  const begun = beginRecord({ from, to }, new Date());
  writeFileSync(record, JSON.stringify(begun));
  expect(await run("rollback --json")).toMatchObject({ code: 0, stdout: expect.stringContaining('"changed":0') });
  expect(JSON.parse(readFileSync(record, "utf8"))).toMatchObject({ step: "rolled-back", why: "given up" });
});

test("6: another elk-os is at work, which is named and not disturbed", async () => {
  const { run, start, stateDir } = openPlace();
  const first = start("migrate", { fixtures: { step: "slow" } });
  await expect.poll(() => existsSync(join(stateDir, "working")), { timeout: 20_000 }).toBe(true);
  for (const line of ["migrate --json", "reset --yes --json", "down --json"]) {
    const ended = await run(line);
    expect(ended.code, line).toBe(6);
    expect(errorOf(ended), line).toMatchObject({
      code: "LOCK_HELD",
      facts: { pid: first.child.pid, command: "migrate" },
    });
  }
  expect(findHolder(join(stateDir, "lock"))?.pid).toBe(first.child.pid);
  first.child.kill("SIGTERM");
  await first.ended;
});

describe("7", () => {
  test("a phase whose checks stay red is not done, however often it says so; then it resumes", async () => {
    const { run, journal } = openPlace();
    for (const _round of [1, 2]) {
      const ended = await run("migrate --json", { fixtures: { step: "pretends" } });
      expect(ended.code).toBe(7);
      expect(errorOf(ended)).toMatchObject({
        code: "PHASE_FAILED",
        facts: { step: "migrate/fixture", check: "FIX-01" },
      });
    }
    expect(await run("migrate", { fixtures: { step: "good" } })).toMatchObject({ code: 0 });
    expect(journal().records.map(({ event }) => event)).toEqual(["intent", "fail", "intent", "fail", "intent", "done"]);
  });

  test("a journal that was changed by hand", async () => {
    const { run, stateDir } = openPlace();
    await run("init");
    writeFileSync(join(stateDir, "journal.jsonl"), "not a record\n");
    const ended = await run("init --json");
    expect(ended.code).toBe(7);
    expect(errorOf(ended)).toMatchObject({ code: "JOURNAL_BROKEN", facts: { line: 1 } });
  });
});

describe("8", () => {
  test("a phase ran past its time", async () => {
    const ended = await openPlace().run("migrate --json", { fixtures: { step: "slow", isHurried: true } });
    expect(ended.code).toBe(8);
    expect(errorOf(ended)).toMatchObject({ code: "PHASE_TIMED_OUT" });
  });

  test("status, when services do not run", async () => {
    const ended = await openPlace().run("status --json");
    expect(ended.code).toBe(8);
    expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false });
  });
});

test("9: plan names what is pending, and changes nothing", async () => {
  const { run, stateDir } = openPlace();
  const ended = await run("plan --json", { fixtures: {} });
  expect(ended.code).toBe(9);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    ok: false,
    pending: 1,
    estimateMs: null,
    steps: [{ id: "migrate/fixture", action: "run", because: "FIX-01: not made", estimate: null }],
  });
  expect(existsSync(stateDir)).toBe(false);
  await run("migrate", { fixtures: {} });
  expect(await run("plan", { fixtures: {} })).toMatchObject({ code: 0 });
});

test("10: somebody else answers, whatever else is red", async () => {
  const ended = await openPlace().run("doctor --json", { fixtures: { check: "impostor" } });
  expect(ended.code).toBe(10);
  expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, summary: { fail: 2 } });
});

describe("12", () => {
  test("reset without --yes deletes nothing; with it everything but the cache", async () => {
    const { run, stateDir } = openPlace();
    await run("init");
    mkdirSync(join(stateDir, "cache"));
    const ended = await run("reset --json");
    expect(ended.code).toBe(12);
    expect(errorOf(ended)).toMatchObject({ code: "DESTRUCTIVE_REFUSED" });
    expect(existsSync(join(stateDir, "secrets", "instance_key"))).toBe(true);
    expect(await run("reset --yes --json")).toMatchObject({ code: 0 });
    expect(readdirSync(stateDir)).toEqual(["cache"]);
    expect(await run("reset --yes --cache --json")).toMatchObject({ code: 0 });
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test("reset of a folder that is no state folder deletes nothing, even with --yes", async () => {
    const home = openFolder();
    writeFileSync(join(home, "thesis.txt"), "years of work");
    const ended = await runCli(["reset", "--yes", "--json", "--state-dir", home]);
    expect(ended.code).toBe(12);
    expect(errorOf(ended)).toMatchObject({
      code: "DESTRUCTIVE_REFUSED",
      message: expect.stringContaining("thesis.txt"),
    });
    expect(readdirSync(home)).toEqual(["thesis.txt"]);
  });
});

describe("signals", () => {
  test.each([
    ["SIGINT", 130, "INTERRUPTED"],
    ["SIGTERM", 143, "TERMINATED"],
  ] as const)(
    "%s during a step ends with %i, a sound journal and no lock; the next run resumes",
    async (signal, exit, code) => {
      const { run, start, stateDir, journal } = openPlace();
      const running = start("migrate --json", { fixtures: { step: "slow" } });
      await expect.poll(() => existsSync(join(stateDir, "working")), { timeout: 20_000 }).toBe(true);
      running.child.kill(signal);
      const ended = await running.ended;
      expect(ended).toMatchObject({ code: exit, signal: null });
      expect(errorOf(ended)).toMatchObject({ code, exit });
      expect(journal()).toMatchObject({ fault: null, torn: null, records: [{ event: "intent" }, { event: "fail" }] });
      expect(existsSync(join(stateDir, "lock"))).toBe(false);
      expect(await run("migrate", { fixtures: { step: "good" } })).toMatchObject({ code: 0 });
      expect(journal().records.map(({ event }) => event)).toEqual(["intent", "fail", "intent", "done"]);
    },
  );
});

test("a closed umask or an open one makes the same modes", async () => {
  const { run, stateDir } = openPlace();
  const before = process.umask(0o077);
  try {
    await run("init");
  } finally {
    process.umask(before);
  }
  expect(await run("doctor --only HOST-06")).toMatchObject({ code: 0 });
  chmodSync(join(stateDir, "secrets", "rag_key"), 0o644);
  expect(await run("doctor --only HOST-06")).toMatchObject({ code: 3 });
  expect(await run("doctor --only HOST-06 --fix")).toMatchObject({ code: 0 });
});
