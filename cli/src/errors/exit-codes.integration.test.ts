import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type CliOptions, FREE_PORTS, openFolder, runCli, startCli } from "../../../test/support/run-cli.ts";
import type { Ended } from "../../../test/support/run-program.ts";
import { readJournal } from "../journal/read-journal.ts";
import { findHolder } from "../state/lock.ts";
import { beginRecord } from "../upgrade/begin.ts";

/** An empty place for a state folder, and the CLI on it. */
function openPlace() {
  const stateDir = join(openFolder(), "state");
  const options = ({ environment, ...rest }: CliOptions): CliOptions => ({
    ...rest,
    environment: { ...FREE_PORTS, ELK_OS_STATE_DIR: stateDir, ...environment },
  });
  return {
    stateDir,
    run: (line: string, extra: CliOptions = {}) => runCli(line.split(" "), options(extra)),
    start: (line: string, extra: CliOptions = {}) => startCli(line.split(" "), options(extra)),
    journal: () => readJournal(join(stateDir, "journal.jsonl")),
  };
}

function errorOf({ stdout }: Ended): Record<string, unknown> {
  return JSON.parse(stdout).error;
}

describe("0", () => {
  test("init makes the state folder; the second run changes nothing and says so", async () => {
    const { run } = openPlace();
    expect(await run("init --json")).toMatchObject({ code: 0, stderr: "" });
    const second = await run("init --json");
    expect(JSON.parse(second.stdout)).toMatchObject({
      ok: true,
      driver: "embedded",
      changed: 0,
      phases: [{ id: "init", status: "skipped" }],
    });
    expect((await run("init")).stdout).toMatch(/^nothing to do: 1 phase proven in .* s, 0 changes\n$/);
  });

  test("down has nothing to stop where nothing was", async () => {
    const { run, stateDir } = openPlace();
    expect(await run("down --json")).toMatchObject({ code: 0, stdout: '{"ok":true,"changed":0}\n' });
    expect(existsSync(stateDir)).toBe(false);
  });
});

test("1: a bug is called one, and its stack is shown with --verbose", async () => {
  const { run } = openPlace();
  const ended = await run("migrate --json", { fixtures: { step: "bug" } });
  expect(ended.code).toBe(1);
  expect(errorOf(ended)).toMatchObject({ code: "INTERNAL", exit: 1, message: "x is undefined" });
  const verbose = await run("migrate --verbose", { fixtures: { step: "bug" } });
  expect(verbose.stderr).toContain("TypeError: x is undefined\n    at ");
});

describe("2", () => {
  test.each([
    ["bogus", "USAGE_INVALID"],
    ["up --frm", "USAGE_INVALID"],
    ["up --only up --to seed", "USAGE_INVALID"],
    ["logs --lines x", "USAGE_INVALID"],
    ["doctor --only WEATHER", "USAGE_INVALID"],
    ["up --profile No", "CONFIG_VALUE_INVALID"],
    ["status --driver compose", "USAGE_INVALID"],
    ["agent add A!", "AGENT_INVALID"],
    ["agent add a01", "AGENT_INVALID"],
  ])("elk-os %s: %s, and nothing is written", async (line, code) => {
    const { run, stateDir } = openPlace();
    const ended = await run(`${line} --json`);
    expect(ended).toMatchObject({ code: 2, stderr: "" });
    expect(errorOf(ended)).toMatchObject({ code, exit: 2 });
    expect(existsSync(stateDir)).toBe(false);
  });

  test.each([
    ["ELK_OS_RAG_PROT", "9100", "CONFIG_KEY_UNKNOWN"],
    ["ELK_OS_RAG_PORT", "99999", "CONFIG_VALUE_INVALID"],
  ])("%s=%s in the environment: %s", async (name, value, code) => {
    const ended = await openPlace().run("config --json", { environment: { [name]: value } });
    expect(ended.code).toBe(2);
    expect(errorOf(ended)).toMatchObject({ code, exit: 2, facts: { key: name, source: "environment" } });
  });

  test("a state folder of the other driver", async () => {
    const { run, stateDir } = openPlace();
    await run("init");
    const record = {
      instanceId: crypto.randomUUID(),
      driver: "compose",
      createdAt: new Date().toISOString(),
      cliVersion: "0.1.0",
    };
    writeFileSync(join(stateDir, "instance.json"), JSON.stringify(record));
    const ended = await run("status --json");
    expect(ended.code).toBe(2);
    expect(errorOf(ended)).toMatchObject({ code: "DRIVER_CHANGED" });
  });
});

describe("3", () => {
  test("a red board", async () => {
    const ended = await openPlace().run("doctor --only HOST-06 --json");
    expect(ended.code).toBe(3);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      schema: "muster.doctor/1",
      ok: false,
      summary: { fail: 1, firstCause: "HOST-06" },
      checks: [{ id: "HOST-06", status: "fail", severity: "error" }],
    });
  });

  test("a board on which no check ran: all of the other driver's", async () => {
    const { run } = openPlace();
    const ended = await run("doctor --only DOCK --json");
    expect(ended.code).toBe(3);
    const { ok, summary, checks } = JSON.parse(ended.stdout);
    expect({ ok, summary }).toMatchObject({ ok: false, summary: { pass: 0, fail: 0, firstCause: null } });
    expect(summary.skip).toBe(checks.length);
    expect(await run("doctor --only DOCK")).toMatchObject({ code: 3, stdout: expect.stringContaining("no check ran") });
  });

  test("a check that broke itself", async () => {
    const ended = await openPlace().run("doctor --only FIX-02 --json", { fixtures: { check: "breaks" } });
    expect(ended.code).toBe(3);
    expect(JSON.parse(ended.stdout)).toMatchObject({ checks: [{ id: "FIX-02", status: "error" }] });
  });
});

test("4: warnings, under --strict only", async () => {
  const { run } = openPlace();
  const fixtures = { check: "warns" };
  expect(await run("doctor --only FIX-02", { fixtures })).toMatchObject({ code: 0 });
  expect(await run("doctor --only FIX-02 --strict", { fixtures })).toMatchObject({ code: 4 });
});

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
