/** As root, over a checkout that no service may read: a real search service that is given copies, and the commands that write. */
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deriveServiceKey } from "@muster/board/identity";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { startRag } from "../../../rag/test/rag-process.ts";
import { mountReadOnly } from "../../../rag/test/read-only-folder.ts";
import { freePorts } from "../../../test/support/ports.ts";
import { recordingReporter } from "../../../test/support/recording-reporter.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { ragReadsTheCheckout } from "../checks/services/rag-copies.ts";
import { ragHealthy } from "../checks/services/rag-health.ts";
import type { Command } from "../commands/command.ts";
import { logAppend } from "../commands/log-verbs.ts";
import { memoryEdit } from "../commands/memory-edit.ts";
import { memoryNew } from "../commands/memory-new.ts";
import { memorySupersede } from "../commands/memory-supersede.ts";
import { ragTake } from "../commands/rag-take.ts";
import { ragStatus } from "../commands/rag-verbs.ts";
import { search } from "../commands/search.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { openRecords } from "../drivers/embedded/supervisor/records.ts";
import { USUAL_RESTARTS } from "../drivers/embedded/supervisor/restart-budget.ts";
import { nameProcess } from "../host/process-table.ts";
import { isRoot } from "../host/users.ts";
import { init } from "../phases/init.ts";
import { withStack } from "../stack/open-stack.ts";
import { getInstance } from "../state/instance.ts";
import { statePaths } from "../state/paths.ts";

const signal = new AbortController().signal;
const STARTS = { timeout: 60_000, interval: 50 } as const;

/** A checkout with one memory below a folder that only root may enter, and an instance that was started once. */
async function closedCheckout(): Promise<LoadedConfig> {
  const home = temporaryFolder();
  chmodSync(home, 0o700);
  const checkout = join(home, "checkout");
  for (const name of ["memory", "log", "docs"]) mkdirSync(join(checkout, name), { recursive: true });
  writeFileSync(join(checkout, "package.json"), '{"version":"0.1.0"}');
  writeFileSync(join(checkout, "CLAUDE.md"), "# Rules\n");
  writeFileSync(join(checkout, "memory", "first.md"), "# First\n\nA zebra.\n");
  const [postgres, directus, rag, portal] = await freePorts(4);
  const state = join(temporaryFolder(), "state");
  const loaded = loadConfig({
    checkout,
    isRoot: true,
    environment: {
      ELK_OS_STATE_DIR: state,
      ELK_OS_POSTGRES_PORT: String(postgres),
      ELK_OS_DIRECTUS_PORT: String(directus),
      ELK_OS_RAG_PORT: String(rag),
      ELK_OS_PORTAL_PORT: String(portal),
    },
  });
  await withStack(loaded, async (stack) => {
    for (const step of init.steps) await step.run(stack, () => undefined, signal);
    await stack.driver.refreshCopies();
  });
  return loaded;
}

/** The real service over the copies, with the record that a supervisor would have written. `changes`: of its environment. */
async function startOverCopies({ value }: LoadedConfig, changes: Record<string, string> = {}): Promise<void> {
  const paths = statePaths(value.stateDir);
  const key = Buffer.from(readFileSync(join(paths.secrets, "instance_key"), "utf8"), "hex");
  const identity = join(temporaryFolder(), "identity");
  writeFileSync(identity, deriveServiceKey(key, "rag").toString("hex"));
  const service = startRag({
    ELK_OS_INSTANCE_ID: getInstance(paths.instance).instanceId,
    ELK_OS_IDENTITY_KEY_FILE: identity,
    ELK_OS_RAG_KEY_FILE: join(paths.secrets, "rag_key"),
    ELK_OS_MEMORY_DIR: join(paths.data, "memory"),
    ELK_OS_LOG_DIR: join(paths.data, "log"),
    ELK_OS_VERSION: "0.1.0",
    ELK_OS_PORT: String(value.ragPort),
    ...changes,
  });
  onTestFinished(async () => {
    service.child.kill("SIGKILL");
    await service.exited;
  });
  const ready = async () =>
    expect((await fetch(`http://127.0.0.1:${value.ragPort}/health/ready`)).status, service.output()).toBe(200);
  await vi.waitFor(ready, STARTS);
  const name = nameProcess(service.child.pid ?? 0);
  if (name === null) throw new Error("The service is gone.");
  const spec = {
    service: "rag" as const,
    argv: ["node"] as [string],
    cwd: "/",
    environment: {},
    runAs: null,
    logFile: "/dev/null",
    port: value.ragPort,
    inputHash: "test",
    stop: [{ signal: "SIGTERM" as const, graceMs: 1_000 }],
    restarts: USUAL_RESTARTS,
  };
  openRecords(paths.run).writeChild({
    service: "rag",
    state: "running",
    process: name,
    bootId: name.bootId,
    port: value.ragPort,
    inputHash: "test",
    restarts: 0,
    startedAt: new Date().toISOString(),
    reason: null,
    order: 0,
    spec,
  });
}

describe.runIf(isRoot())("where root runs a checkout that services cannot read", () => {
  const ask = async (loaded: LoadedConfig, command: Command, args: string[], options: object = {}) => {
    const reporter = recordingReporter();
    return (await command.run({ args, options: { ...options }, loaded, reporter, signal })).data as Record<
      string,
      unknown
    >;
  };
  const look = (loaded: LoadedConfig) => withStack(loaded, (stack) => ragReadsTheCheckout.probe(stack, signal));

  test("what a command writes is found by the very next question, and a copy that is behind is named", async () => {
    const loaded = await closedCheckout();
    await startOverCopies(loaded);
    const found = async (query: string) =>
      ((await ask(loaded, search, [query]))["hits"] as { path: string }[])[0]?.path;
    const behind = async () =>
      ((await ask(loaded, ragStatus, []))["findings"] as { reason: string; files?: string[] }[]).find(
        ({ reason }) => reason === "copy_behind",
      )?.files ?? [];

    const bites = await ask(loaded, memoryNew, [], { title: "Quokkas bite", body: "Wear gloves." });
    expect(bites).toMatchObject({ changed: 1, notes: [] });
    expect(await found("gloves")).toBe("memory/quokkas-bite.md");
    await ask(loaded, memoryEdit, ["quokkas-bite"], { body: "Wear mittens.", ifMatch: bites["sha256"] });
    expect(await found("mittens")).toBe("memory/quokkas-bite.md");
    await ask(loaded, memorySupersede, ["quokkas-bite"], { title: "Quokkas are friendly", body: "No mittens." });
    expect(await found("mittens")).toBe("memory/quokkas-are-friendly.md");
    expect(await ask(loaded, logAppend, [], { title: "Numbat seen" })).toMatchObject({ ok: true, notes: [] });
    expect(await found("numbat")).toMatch(/^log\//);

    expect([await behind(), (await look(loaded)).status]).toEqual([[], "pass"]);
    writeFileSync(join(loaded.checkout, "memory", "by-hand.md"), "# By hand\n\nA wombat.\n");
    expect(await behind()).toEqual(["memory/by-hand.md"]);
    expect(await look(loaded)).toMatchObject({
      status: "fail",
      evidence: expect.stringContaining("memory/by-hand.md"),
    });
    await withStack(loaded, async (stack) => ragReadsTheCheckout.fix.apply?.(stack));
    expect([await behind(), (await look(loaded)).status]).toEqual([[], "pass"]);
  });

  test("a service of an older release that is still supervised is called that, and no zombie", async () => {
    const loaded = await closedCheckout();
    await startOverCopies(loaded, { ELK_OS_VERSION: "0.0.9" });
    expect(await ask(loaded, ragStatus, [])).toMatchObject({ verdict: "STALE_VERSION" });
  });

  test("a fault that search names turns RAG-02 red and ends rag status with 3, and its end turns both green again", async () => {
    const loaded = await closedCheckout();
    const constitution = join(statePaths(loaded.value.stateDir).data, "constitution", "CLAUDE.md");
    await startOverCopies(loaded, { ELK_OS_CONSTITUTION_FILE: constitution });
    const looks = async () => {
      const found = await withStack(loaded, (stack) => ragHealthy.probe(stack, signal));
      const reporter = recordingReporter();
      const { exit } = await ragStatus.run({ args: [], options: {}, loaded, reporter, signal });
      return { ...found, exit };
    };
    const well = { status: "pass", exit: 0 };
    const becomes = (wanted: object) => vi.waitFor(async () => expect(await looks()).toMatchObject(wanted), STARTS);
    await becomes(well);
    expect(ragHealthy.severity).toBe("error");
    renameSync(constitution, `${constitution}.away`);
    await becomes({ status: "fail", exit: 3, evidence: expect.stringContaining("constitution_unreadable") });
    renameSync(`${constitution}.away`, constitution);
    await becomes(well);
  });

  test("what search may not write itself waits, is named, and is taken in once, by the same rules as a command's", async ({
    skip,
  }) => {
    const loaded = await closedCheckout();
    const { data, secrets } = statePaths(loaded.value.stateDir);
    const waiting = join(temporaryFolder(), "waiting");
    const shown = {
      ELK_OS_MEMORY_DIR: temporaryFolder(),
      ELK_OS_LOG_DIR: temporaryFolder(),
      ELK_OS_WAITING_DIR: waiting,
    };
    for (const [from, at] of [
      ["memory", shown.ELK_OS_MEMORY_DIR],
      ["log", shown.ELK_OS_LOG_DIR],
    ] as const) {
      const mounted = mountReadOnly(join(data, from), at);
      if ("why" in mounted) return skip(`nothing can be mounted here: ${mounted.why}`);
      onTestFinished(mounted.end);
    }
    await startOverCopies(loaded, shown);
    const authorization = `Bearer ${readFileSync(join(secrets, "rag_key"), "utf8").trim()}`;
    const send = async (path: string, body: object) => {
      const headers = { authorization, "content-type": "application/json" };
      const init = { method: "POST", headers, body: JSON.stringify(body) };
      return (await fetch(`http://127.0.0.1:${loaded.value.ragPort}${path}`, init)).status;
    };
    expect(await send("/memory", { title: "Quokkas bite", body: "Wear gloves." })).toBe(202);
    expect(await send("/memory", { title: "Numbats dig", body: "Mind the holes." })).toBe(202);
    expect(await send("/log", { title: "Wombat seen" })).toBe(202);
    const status = await ask(loaded, ragStatus, []);
    expect(status).toMatchObject({ findings: [{ reason: "writes_waiting" }], health: { writes: { waiting: 3 } } });
    // Somebody was faster in the checkout.
    writeFileSync(join(loaded.checkout, "memory", "numbats-dig.md"), "# By hand\n");

    const taken = await ask(loaded, ragTake, []);
    expect(taken).toMatchObject({
      ok: false,
      changed: 2,
      taken: [{ path: "memory/quokkas-bite.md" }, { path: expect.stringMatching(/^log\//) }],
      refused: [{ write: { title: "Numbats dig" }, refused: { code: "DESTRUCTIVE_REFUSED" } }],
    });
    expect(readFileSync(join(loaded.checkout, "memory", "numbats-dig.md"), "utf8")).toBe("# By hand\n");
    const found = async (query: string) =>
      ((await ask(loaded, search, [query]))["hits"] as { path: string }[])[0]?.path;
    expect([await found("gloves"), await found("wombat")]).toEqual([
      "memory/quokkas-bite.md",
      expect.stringMatching(/^log\//),
    ]);
    expect(await ask(loaded, ragStatus, [])).toMatchObject({ findings: [{ reason: "writes_refused" }] });
    expect(await ask(loaded, ragTake, [], { forget: true })).toMatchObject({ changed: 0 });
    expect(await ask(loaded, ragStatus, [])).toMatchObject({ ok: true });
  });

  test("without a running service the lesson is written and copied, and the answer says that search was not told", async () => {
    const loaded = await closedCheckout();
    const written = await ask(loaded, memoryNew, [], { title: "Written alone", body: "x" });
    expect(written).toMatchObject({ ok: true, changed: 1, notes: [expect.stringContaining("search was not told")] });
    expect((await look(loaded)).status).toBe("pass");
    const copy = join(statePaths(loaded.value.stateDir).data, "memory", "written-alone.md");
    expect(readFileSync(copy, "utf8")).toContain("# Written alone");
  });
});

test("where search reads the checkout itself nothing is asked and nothing is noted", async () => {
  const checkout = temporaryFolder();
  mkdirSync(join(checkout, "memory"));
  writeFileSync(join(checkout, "package.json"), '{"version":"0.1.0"}');
  const loaded = loadConfig({ checkout, isRoot: false, environment: {} });
  const reporter = recordingReporter();
  const options = { title: "No instance", body: "x" };
  expect((await memoryNew.run({ args: [], options, loaded, reporter, signal })).data).toMatchObject({ notes: [] });
});
