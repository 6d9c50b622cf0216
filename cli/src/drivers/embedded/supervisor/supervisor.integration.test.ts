/** The resident supervisor with children that do nothing: real processes, real sockets, real kill -9. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { eventually, processesOf } from "../../../../../test/support/processes.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { isAlive, type ProcessName } from "../../../host/process-table.ts";
import type { ServiceId } from "../../../services/service-def.ts";
import { type ChildRecord, type LaunchSpec, launchSpecSchema } from "./launch-spec.ts";
import { openRecords } from "./records.ts";
import { USUAL_RESTARTS } from "./restart-budget.ts";
import { ensureSupervisor, findSupervisor, type SupervisorClient, type SupervisorPlace } from "./supervisor-client.ts";

const signal = new AbortController().signal;
const IDLE = "setInterval(() => {}, 1000)";

let folder: string;
let place: SupervisorPlace;

function placeIn(root: string): SupervisorPlace {
  return { runDir: join(root, "run"), logsDir: join(root, "logs"), compileCache: join(root, "compile-cache") };
}

function specOf(service: ServiceId, script = IDLE, change: Partial<LaunchSpec> = {}): LaunchSpec {
  return {
    service,
    argv: [process.execPath, "-e", script, folder],
    cwd: folder,
    environment: {},
    runAs: null,
    logFile: join(place.logsDir, `${service}.log`),
    port: 1,
    inputHash: "a",
    stop: [{ signal: "SIGTERM", graceMs: 2_000 }],
    restarts: USUAL_RESTARTS,
    ...change,
  };
}

function recordOf(service: ServiceId): ChildRecord | null {
  return openRecords(place.runDir).readChild(service);
}

function running(service: ServiceId, than?: ProcessName): Promise<ProcessName> {
  return eventually(`${service} runs`, () => {
    const process = recordOf(service)?.process;
    return process != null && isAlive(process) && process.pid !== than?.pid && process;
  });
}

async function started(service: ServiceId, script?: string, change?: Partial<LaunchSpec>) {
  const supervisor = await ensureSupervisor(place, signal);
  await supervisor.ask({ op: "start", spec: specOf(service, script, change) });
  return { supervisor, process: await running(service) };
}

async function killed(supervisor: SupervisorClient): Promise<void> {
  process.kill(supervisor.record.pid, "SIGKILL");
  expect(await supervisor.gone(5_000)).toBe(true);
}

beforeEach(() => {
  folder = temporaryFolder();
  place = placeIn(folder);
});

afterEach(async () => {
  const supervisor = findSupervisor(place);
  if (supervisor !== null) {
    await supervisor.ask({ op: "shutdown" });
    await supervisor.gone(5_000);
  }
  for (const { pid } of processesOf(folder)) process.kill(pid, "SIGKILL");
});

describe("a service", () => {
  test("is left alone by a start with the same inputs and replaced by one with others", async () => {
    const { supervisor, process } = await started("rag");
    expect((await supervisor.ask({ op: "start", spec: specOf("rag") })).changed).toBe(false);
    expect(recordOf("rag")?.process).toEqual(process);
    expect((await supervisor.ask({ op: "start", spec: specOf("rag", IDLE, { inputHash: "b" }) })).changed).toBe(true);
    await running("rag", process);
    expect(isAlive(process)).toBe(false);
  });

  test("is restarted after a kill -9", async () => {
    const { process: first } = await started("rag");
    process.kill(first.pid, "SIGKILL");
    await running("rag", first);
    expect(recordOf("rag")).toMatchObject({ state: "running", restarts: 1 });
  });

  test("is failed, with exit code and last log line, when its restart budget is spent", async () => {
    const supervisor = await ensureSupervisor(place, signal);
    await supervisor.ask({ op: "start", spec: specOf("rag", "console.error('no such table'); process.exit(3)") });
    const failed = await eventually(
      "rag is failed",
      () => recordOf("rag")?.state === "failed" && recordOf("rag"),
      30_000,
    );
    expect(failed).toMatchObject({ process: null, restarts: 5 });
    expect(failed?.reason).toContain("restart budget is spent: it ended with code 3; last log:");
    expect(failed?.reason).toContain("no such table");
  });

  test("is started again as often as its own budget says, and what a release without one recorded is still read", async () => {
    const supervisor = await ensureSupervisor(place, signal);
    const { restarts: _, ...older } = specOf("rag", "process.exit(3)", { inputHash: "older" });
    expect(launchSpecSchema.parse(older).restarts).toEqual(USUAL_RESTARTS);
    const spec = specOf("rag", "process.exit(3)", { restarts: { budget: 1, windowMs: 60_000 } });
    await supervisor.ask({ op: "start", spec });
    const failed = await eventually(
      "rag is failed",
      () => recordOf("rag")?.state === "failed" && recordOf("rag"),
      30_000,
    );
    expect(failed).toMatchObject({ restarts: 1, reason: expect.stringContaining("restart budget is spent") });
  });

  test("is failed at once when its program does not exist", async () => {
    const supervisor = await ensureSupervisor(place, signal);
    const spec = specOf("rag", IDLE, { argv: ["/nonexistent/program"] });
    const { children } = await supervisor.ask({ op: "start", spec });
    expect(children[0]).toMatchObject({ state: "failed", restarts: 0 });
    expect(children[0]?.reason).toContain("ENOENT");
  });

  test("that ignores SIGTERM is killed with its whole process group after the grace", async () => {
    const script = `
      process.on("SIGTERM", () => {});
      require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(IDLE)}, ${JSON.stringify(folder)}], { stdio: "ignore" });
      ${IDLE}`;
    const { supervisor, process } = await started("rag", script, { stop: [{ signal: "SIGTERM", graceMs: 300 }] });
    await eventually(
      "its helper runs",
      () => processesOf(folder).filter(({ argv }) => argv.includes("-e")).length === 2,
    );
    await supervisor.ask({ op: "stop", service: "rag" });
    expect(isAlive(process)).toBe(false);
    await eventually("its helper is gone", () => processesOf(folder).every(({ argv }) => !argv.includes("-e")));
  });
});

describe("after the supervisor's own kill -9", () => {
  test("a new one adopts what lives and restarts it when it dies", async () => {
    const { supervisor, process: first } = await started("rag");
    await killed(supervisor);
    expect(isAlive(first)).toBe(true);

    const next = await ensureSupervisor(place, signal);
    expect(next.record.pid).not.toBe(supervisor.record.pid);
    expect((await next.ask({ op: "start", spec: specOf("rag") })).changed).toBe(false);
    expect(recordOf("rag")?.process).toEqual(first);

    process.kill(first.pid, "SIGKILL");
    await running("rag", first);
    expect(recordOf("rag")?.restarts).toBe(1);
  });

  test("a service that died meanwhile is started anew", async () => {
    const { supervisor, process: first } = await started("rag");
    await killed(supervisor);
    process.kill(first.pid, "SIGKILL");
    await eventually("rag is gone", () => !isAlive(first));
    await ensureSupervisor(place, signal);
    await running("rag", first);
  });

  test("a pid that now names another process is left alone, and the service without a record is not doubled", async () => {
    const { supervisor, process: first } = await started("rag");
    await killed(supervisor);
    const records = openRecords(place.runDir);
    const record = records.readChild("rag");
    expect(record).not.toBeNull();
    const stranger = { ...first, pid: process.pid };
    if (record !== null) records.writeChild({ ...record, process: stranger });
    await ensureSupervisor(place, signal);
    const next = await running("rag", stranger);
    expect(next.pid).not.toBe(first.pid);
    expect(isAlive(first)).toBe(false);
    expect(processesOf(folder).filter(({ argv }) => argv.includes("-e"))).toHaveLength(1);
  });

  test("services of an earlier boot are not started behind the back of up", async () => {
    const { supervisor, process: first } = await started("rag");
    await killed(supervisor);
    process.kill(first.pid, "SIGKILL");
    const records = openRecords(place.runDir);
    const record = records.readChild("rag");
    if (record !== null) records.writeChild({ ...record, bootId: "an earlier boot" });
    const next = await ensureSupervisor(place, signal);
    expect((await next.ask({ op: "status" })).children).toEqual([]);
    expect(recordOf("rag")).toBeNull();
  });
});

describe("the supervisor", () => {
  test("is found again by a second command", async () => {
    const first = await ensureSupervisor(place, signal);
    expect((await ensureSupervisor(place, signal)).record).toEqual(first.record);
  });

  test("of another version is replaced and its services live on", async () => {
    const { supervisor, process: first } = await started("rag");
    openRecords(place.runDir).writeSupervisor({ ...supervisor.record, sourceHash: "another" });
    const next = await ensureSupervisor(place, signal);
    expect(next.record.pid).not.toBe(supervisor.record.pid);
    expect(recordOf("rag")?.process).toEqual(first);
    expect(isAlive(first)).toBe(true);
  });

  test("lets only its own user connect, and refuses what it does not understand", async () => {
    const supervisor = await ensureSupervisor(place, signal);
    expect(statSync(supervisor.record.socket).mode & 0o777).toBe(0o600);
    await expect(supervisor.ask({ op: "stop", service: "nothing" as ServiceId })).rejects.toMatchObject({
      code: "SERVICE_FAILED",
    });
  });

  test("listens elsewhere when the run folder's path is too long for a socket, and removes that too", async () => {
    const deep = join(folder, "d".repeat(100));
    mkdirSync(deep);
    const far = placeIn(deep);
    const supervisor = await ensureSupervisor(far, signal);
    expect(supervisor.record.socket.startsWith(deep)).toBe(false);
    await supervisor.ask({ op: "shutdown" });
    await supervisor.gone(5_000);
    expect(existsSync(supervisor.record.socket)).toBe(false);
  });

  test("stops services in the reverse of their start order on SIGTERM and leaves no record", async () => {
    const ends = join(folder, "ends");
    const script = (name: string) =>
      `process.on("SIGTERM", () => { require("node:fs").appendFileSync(${JSON.stringify(ends)}, "${name} "); process.exit(); }); ${IDLE}; console.log("up")`;
    const { supervisor } = await started("postgres", script("postgres"));
    await started("rag", script("rag"));
    for (const id of ["postgres", "rag"]) {
      await eventually(
        `${id} listens for signals`,
        () => readFileSync(join(place.logsDir, `${id}.log`), "utf8") !== "",
      );
    }
    process.kill(supervisor.record.pid, "SIGTERM");
    expect(await supervisor.gone(5_000)).toBe(true);
    expect(readFileSync(ends, "utf8")).toBe("rag postgres ");
    expect(processesOf(folder)).toEqual([]);
    expect(existsSync(join(place.runDir, "supervisor.json"))).toBe(false);
    expect(existsSync(join(place.runDir, "supervisor.sock"))).toBe(false);
    expect(recordOf("rag")).toBeNull();
  });

  test("that hangs is killed and replaced, and its services live on", { timeout: 60_000 }, async () => {
    const { supervisor, process: first } = await started("rag");
    process.kill(supervisor.record.pid, "SIGSTOP");
    onTestFinished(() => {
      if (isAlive(supervisor.record)) process.kill(supervisor.record.pid, "SIGKILL");
    });
    const next = await ensureSupervisor(place, signal);
    expect(next.record.pid).not.toBe(supervisor.record.pid);
    expect(recordOf("rag")?.process).toEqual(first);
  });

  test("starts anew over a damaged record and a stale socket", async () => {
    mkdirSync(place.runDir, { recursive: true });
    writeFileSync(join(place.runDir, "supervisor.json"), '{"pid": 1');
    writeFileSync(join(place.runDir, "supervisor.sock"), "");
    chmodSync(place.runDir, 0o711);
    const supervisor = await ensureSupervisor(place, signal);
    expect((await supervisor.ask({ op: "status" })).children).toEqual([]);
  });
});
