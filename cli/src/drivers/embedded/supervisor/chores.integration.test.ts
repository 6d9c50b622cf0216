/** Chores of the resident supervisor: real children at an interval of a second or less, real kill -9. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fixtureStack } from "../../../../../test/support/fixture-stack.ts";
import { eventually, processesOf } from "../../../../../test/support/processes.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { isAlive } from "../../../host/process-table.ts";
import { recordedConfig } from "../../../phases/init.ts";
import { choreSpecs } from "../chore-specs.ts";
import { endChore } from "./chore.ts";
import type { ChoreRecord, ChoreSpec } from "./chore-spec.ts";
import { openRecords } from "./records.ts";
import { ensureSupervisor, findSupervisor, type SupervisorClient, type SupervisorPlace } from "./supervisor-client.ts";

const signal = new AbortController().signal;
const IDLE = "setInterval(() => {}, 1000)";

let folder: string;
let place: SupervisorPlace;

const logOf = () => join(place.logsDir, "checkpoint.log");

/** A chore that runs a script with this folder as its argument. */
function specOf(script: string, change: Partial<ChoreSpec> = {}): ChoreSpec {
  return {
    id: "checkpoint",
    argv: [process.execPath, "-e", script, folder],
    cwd: folder,
    environment: {},
    settingsFile: join(folder, "config.json"),
    logFile: logOf(),
    intervalMs: 300,
    limitMs: 60_000,
    ...change,
  };
}

/** Writes a line of the file "trace" when it starts, and does `then`. */
const tracing = (then: string) =>
  `require("node:fs").appendFileSync(process.argv[1] + "/trace", "began " + process.pid + "\\n"); ${then}`;

function traced(): readonly string[] {
  const file = join(folder, "trace");
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
}

const recordOf = (): ChoreRecord | null => openRecords(place.runDir).readChores()[0] ?? null;
const running = () => processesOf(folder).filter(({ argv }) => argv.includes("-e"));
const lastRun = () => eventually("a run has ended", () => recordOf()?.last);

async function scheduled(...chores: ChoreSpec[]): Promise<SupervisorClient> {
  const supervisor = await ensureSupervisor(place, signal);
  await supervisor.ask({ op: "schedule", chores });
  return supervisor;
}

beforeEach(() => {
  folder = temporaryFolder();
  place = { runDir: join(folder, "run"), logsDir: join(folder, "logs"), compileCache: join(folder, "compile-cache") };
});

afterEach(async () => {
  const supervisor = findSupervisor(place);
  if (supervisor !== null) {
    await supervisor.ask({ op: "shutdown" });
    await supervisor.gone(5_000);
  }
  for (const { pid } of processesOf(folder)) process.kill(pid, "SIGKILL");
});

test("a chore runs first after one interval, and again, with its times and words in a log of its own", async () => {
  const asked = Date.now();
  await scheduled(specOf(tracing("console.log('all is well')"), { intervalMs: 1_000 }));
  expect(traced()).toEqual([]);
  const before = recordOf();
  expect(before).toMatchObject({ last: null });
  expect(Date.parse(before?.nextAt ?? "")).toBeGreaterThanOrEqual(asked + 1_000);

  const last = await lastRun();
  expect(last.failure).toBeNull();
  expect(Date.parse(last.startedAt)).toBeGreaterThanOrEqual(asked + 990);
  await eventually("it ran twice", () => traced().length >= 2);
  const log = readFileSync(logOf(), "utf8");
  expect(log).toMatch(/^\d{4}-\S+Z checkpoint: starts\nall is well\n\d{4}-\S+Z checkpoint: has ended well\n/);
  expect(statSync(logOf()).mode & 0o777).toBe(0o600);
  expect(recordOf()?.since).toBe(before?.since);
});

test("our own CLI finds state folder, places and recorded settings of the up that asked for it", async () => {
  const stack = fixtureStack(folder, { ragPort: "28153", checkpointIntervalMinutes: "30" });
  mkdirSync(stack.paths.root);
  // What `init` recorded counts for more than the checkout's .env, as a flag or the environment did when it was given.
  writeFileSync(stack.paths.config, recordedConfig({ ...stack.explicit, ELK_OS_ADMIN_EMAIL: "ada@example.org" }));
  const [wanted] = choreSpecs(stack);
  if (wanted === undefined) throw new Error("The settings ask for no chore.");
  expect(wanted).toMatchObject({ intervalMs: 1_800_000, logFile: join(stack.paths.logs, "checkpoint.log") });
  expect(wanted.argv.slice(2)).toEqual(["events", "checkpoint"]);

  const main = new URL("../../../main.ts", import.meta.url).pathname;
  await scheduled({ ...wanted, argv: [process.execPath, main, "config", "--json"], logFile: logOf(), intervalMs: 300 });
  const last = await eventually("the CLI has ended", () => recordOf()?.last, 60_000);
  expect(last.failure).toBeNull();
  const answer = JSON.parse(/^\{.*\}$/m.exec(readFileSync(logOf(), "utf8"))?.[0] ?? "");
  const settingOf = (name: string) => answer.keys.find(({ key }: { key: string }) => key === name)?.value;
  expect(String(settingOf("ELK_OS_STATE_DIR"))).toBe(stack.paths.root);
  expect(String(settingOf("ELK_OS_CACHE_DIR"))).toBe(stack.config.cacheDir);
  expect(String(settingOf("ELK_OS_INSTANCE"))).toBe(stack.config.instance);
  expect(String(settingOf("ELK_OS_RAG_PORT"))).toBe("28153");
  expect(String(settingOf("ELK_OS_ADMIN_EMAIL"))).toBe("ada@example.org");
});

test("a run that takes longer than the interval is never joined by another", async () => {
  const slow = tracing(
    `setTimeout(() => require("node:fs").appendFileSync(process.argv[1] + "/trace", "ended\\n"), 700)`,
  );
  await scheduled(specOf(slow, { intervalMs: 200 }));
  const lines = await eventually("three runs", () => traced().length >= 6 && traced(), 30_000);
  expect(lines.slice(0, 6).map((line) => line.split(" ")[0])).toEqual(
    Array.from({ length: 3 }, () => ["began", "ended"]).flat(),
  );
});

test("a run that fails is on record with its code, and tried again at the next interval", async () => {
  const fails = tracing("console.error('the board is away'); process.exit(traces() > 1 ? 0 : 8)").replace(
    "traces()",
    `require("node:fs").readFileSync(process.argv[1] + "/trace", "utf8").trim().split("\\n").length`,
  );
  await scheduled(specOf(fails, { intervalMs: 1_000 }));
  expect((await lastRun()).failure).toBe("it ended with code 8");
  expect(readFileSync(logOf(), "utf8")).toContain("the board is away\n");
  await eventually("the next run went well", () => recordOf()?.last?.failure === null);
});

test("a program that is not there is a failure, and no end of the supervisor", async () => {
  const supervisor = await scheduled(specOf("", { argv: ["/nonexistent/program"] }));
  expect((await lastRun()).failure).toContain("it cannot be started: spawn /nonexistent/program ENOENT");
  expect((await supervisor.ask({ op: "status" })).ok).toBe(true);
});

test("a run past its limit is ended with what it started, and has failed", async () => {
  const stubborn = `
    process.on("SIGTERM", () => {});
    require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(IDLE)}, process.argv[1]], { stdio: "ignore" });
    ${IDLE}`;
  await scheduled(specOf(stubborn, { limitMs: 4_000 }));
  const both = await eventually("it runs with its helper", () => running().length === 2 && running(), 30_000);
  const areGone = () => running().every(({ pid }) => both.every((one) => one.pid !== pid));
  await eventually("both are gone", areGone, 30_000);
  expect((await lastRun()).failure).toBe("it did not end within 4 s");
});

test("a shutdown ends what runs within a moment, and leaves no process and no record", async () => {
  const stubborn = tracing(`process.on("SIGTERM", () => {}); ${IDLE}`);
  const supervisor = await scheduled(specOf(stubborn));
  await eventually("it runs", () => running().length === 1);
  const startedAt = performance.now();
  await supervisor.ask({ op: "shutdown" });
  expect(await supervisor.gone(5_000)).toBe(true);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(processesOf(folder)).toEqual([]);
  expect(recordOf()).toBeNull();
});

test("after the supervisor's own kill -9 the next one ends what it left, and goes on without a second start", async () => {
  const spec = specOf(tracing(IDLE));
  const supervisor = await scheduled(spec);
  const [left] = await eventually("it runs", () => running().length === 1 && running());
  const since = recordOf()?.since;
  process.kill(supervisor.record.pid, "SIGKILL");
  expect(await supervisor.gone(5_000)).toBe(true);

  const next = await ensureSupervisor(place, signal);
  expect((await next.ask({ op: "schedule", chores: [spec] })).changed).toBe(false);
  const [again] = await eventually("another run", () => {
    const now = running();
    return now.length === 1 && now[0]?.pid !== left?.pid && now;
  });
  expect(again?.pid).not.toBe(left?.pid);
  expect(recordOf()?.since).toBe(since);
});

test("what a killed supervisor left is ended where no other comes", async () => {
  const supervisor = await scheduled(specOf(IDLE));
  await eventually("it runs", () => running().length === 1);
  process.kill(supervisor.record.pid, "SIGKILL");
  expect(await supervisor.gone(5_000)).toBe(true);
  expect(isAlive(supervisor.record)).toBe(false);
  expect(await endChore(place.runDir, "checkpoint")).toBe(true);
  expect(running()).toEqual([]);
  expect(await endChore(place.runDir, "checkpoint")).toBe(false);
});

test("the same schedule changes nothing, another interval begins anew, and none ends the chore", async () => {
  const spec = specOf(tracing(IDLE), { intervalMs: 400 });
  const supervisor = await scheduled(spec);
  await eventually("it runs", () => running().length === 1);
  const ask = (...chores: ChoreSpec[]) => supervisor.ask({ op: "schedule", chores });
  expect((await ask(spec)).changed).toBe(false);
  expect(running()).toHaveLength(1);
  expect((await ask({ ...spec, intervalMs: 60_000 })).changed).toBe(true);
  expect(running()).toEqual([]);
  expect(recordOf()?.spec.intervalMs).toBe(60_000);
  expect((await ask()).changed).toBe(true);
  expect(recordOf()).toBeNull();
});

test("a chore of an earlier boot is not carried out behind the back of up", async () => {
  const supervisor = await scheduled(specOf(tracing("")));
  process.kill(supervisor.record.pid, "SIGKILL");
  expect(await supervisor.gone(5_000)).toBe(true);
  const record = recordOf();
  if (record === null) throw new Error("The chore is on no record.");
  openRecords(place.runDir).writeChore({ ...record, bootId: "an earlier boot" });
  await ensureSupervisor(place, signal);
  expect(recordOf()).toBeNull();
});

test("its log is rotated like those of the services", async () => {
  mkdirSync(place.logsDir, { recursive: true });
  writeFileSync(logOf(), "x".repeat(10 * 1024 * 1024));
  await scheduled(specOf(""));
  await lastRun();
  expect(statSync(`${logOf()}.1`).size).toBe(10 * 1024 * 1024);
  expect(statSync(logOf()).size).toBeLessThan(10_000);
});
