import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { processesOf } from "../../../test/support/processes.ts";
import { FREE_PORTS, openFolder, runCli } from "../../../test/support/run-cli.ts";
import { recordUse } from "../drivers/embedded/staging/cache-users.ts";
import { ensureSupervisor } from "../drivers/embedded/supervisor/supervisor-client.ts";
import { isAlive, signalProcess } from "../host/process-table.ts";
import { runCommand } from "../host/run.ts";
import { findInstance } from "../state/instance.ts";
import { statePaths } from "../state/paths.ts";
import { recordPlaced } from "../wiring/placed-files.ts";

/** A state folder that `init` made, and the CLI on it. */
async function openInstance(settings: Readonly<Record<string, string>> = {}) {
  const folder = openFolder();
  const stateDir = join(folder, "state");
  // As the launcher sets it: what Node compiles for the CLI goes into the cache, at the end of the process, too.
  const compiled = { NODE_COMPILE_CACHE: join(stateDir, "cache", "compiled") };
  const environment = { ...FREE_PORTS, ...compiled, ELK_OS_STATE_DIR: stateDir, ...settings };
  const run = async (line: string) => {
    const ended = await runCli(`${line} --json`.split(" "), { environment });
    return { code: ended.code, answer: JSON.parse(ended.stdout) };
  };
  expect((await run("init")).code).toBe(0);
  return { folder, stateDir, paths: statePaths(stateDir), environment, run };
}

/** A process of the test's own that ends with it. */
function startProcess(argv: readonly [string, ...string[]], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(argv[0], argv.slice(1), { env: { ...process.env, ...environment }, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

describe("uninstall", () => {
  test("needs --yes where nobody can be asked, and deletes nothing without it", async () => {
    const { run, stateDir } = await openInstance();
    const before = readdirSync(stateDir);
    expect(await run("uninstall")).toMatchObject({ code: 12, answer: { error: { code: "DESTRUCTIVE_REFUSED" } } });
    expect(readdirSync(stateDir)).toEqual(before);
  });

  test("shows with --dry-run what goes and what stays, and changes nothing", async () => {
    const { run, stateDir, paths } = await openInstance();
    const before = readdirSync(stateDir);
    const { code, answer } = await run("uninstall --dry-run");
    expect(code).toBe(0);
    expect(answer).toMatchObject({ ok: true, dryRun: true, changed: 0 });
    expect(answer.remove.map(({ path }: { path: string }) => path)).toEqual(
      expect.arrayContaining([paths.secrets, paths.data, join(stateDir, "cache"), paths.journal]),
    );
    expect(answer.remove.at(-1).path).toBe(paths.journal);
    expect(answer.keep).toContainEqual({ path: process.cwd(), what: expect.stringContaining("checkout") });
    expect(readdirSync(stateDir)).toEqual(before);
  });

  test("leaves no file, process or folder of the instance, and says that its ports are free", async () => {
    const { run, folder, stateDir } = await openInstance();
    const { code, answer } = await run("uninstall --yes");
    expect(code).toBe(0);
    expect(answer).toMatchObject({ ok: true, left: [] });
    expect(answer.ports).toEqual(Object.values(FREE_PORTS).map((port) => ({ port: Number(port), holder: null })));
    expect(existsSync(stateDir)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    expect(processesOf(folder)).toEqual([]);
    // Node itself makes its compile cache anew when the CLI starts; a second run takes that away, too.
    expect(await run("uninstall --yes")).toMatchObject({ code: 0, answer: { ok: true, left: [] } });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("keeps backups with the id that they belong to, until --backups", async () => {
    const { run, stateDir } = await openInstance();
    mkdirSync(join(stateDir, "backups", "20261122T190512Z"), { recursive: true });
    expect(await run("uninstall --yes")).toMatchObject({ code: 0 });
    expect(readdirSync(stateDir).sort()).toEqual(["backups", "instance.json"]);
    expect(await run("uninstall --yes --backups")).toMatchObject({ code: 0 });
    expect(existsSync(stateDir)).toBe(false);
  });

  test("deletes nothing while a process works in the instance's folders, and names it", async () => {
    const { run, paths, stateDir } = await openInstance();
    const before = readdirSync(stateDir);
    const stray = startProcess(["sleep", "120"], { PGDATA: join(paths.data, "postgres") });
    const { code, answer } = await run("uninstall --yes");
    expect(code).toBe(7);
    expect(answer.error).toMatchObject({
      code: "UNINSTALL_INCOMPLETE",
      facts: { left: [`process ${stray.pid} (sleep 120)`] },
    });
    expect(readdirSync(stateDir)).toEqual(before);
  });

  test("stops a supervisor that lives, and leaves neither its process nor its socket", async () => {
    const { run, folder, stateDir, paths } = await openInstance();
    const place = { runDir: paths.run, logsDir: paths.logs, compileCache: join(folder, "compiled") };
    const { record } = await ensureSupervisor(place, new AbortController().signal);
    onTestFinished(() => void signalProcess(record, "SIGKILL"));
    expect(await run("uninstall --yes")).toMatchObject({ code: 0, answer: { ok: true, left: [] } });
    expect(isAlive(record)).toBe(false);
    expect(existsSync(record.socket)).toBe(false);
    expect(existsSync(stateDir)).toBe(false);
  });

  test("goes on where a run was cut short, and knows client files still after a reset", async () => {
    const { run, folder, stateDir, paths } = await openInstance();
    const file = { path: join(folder, "CLAUDE.md"), text: "# Rules\n" };
    recordPlaced(paths.placed, [file]);
    writeFileSync(file.path, file.text);
    expect(await run("reset --yes")).toMatchObject({ code: 0 });
    expect((await run("init")).code).toBe(0);
    for (const gone of [paths.secrets, paths.data, paths.instance]) rmSync(gone, { recursive: true });
    expect(await run("uninstall --yes")).toMatchObject({ code: 0, answer: { left: [] } });
    expect(existsSync(file.path)).toBe(false);
    expect(existsSync(stateDir)).toBe(false);
  });

  test("deletes nothing of a folder that is no state folder", async () => {
    const home = openFolder();
    writeFileSync(join(home, "thesis.txt"), "years of work");
    const ended = await runCli(["uninstall", "--yes", "--backups", "--json", "--state-dir", home]);
    expect(ended.code).toBe(12);
    expect(readdirSync(home)).toEqual(["thesis.txt"]);
  });
});

describe("a cache", () => {
  test("that another instance uses is not deleted with the state folder, nor by reset --cache, but may be kept", async () => {
    const { run, stateDir } = await openInstance();
    const cache = join(stateDir, "cache");
    const other = await openInstance({ ELK_OS_CACHE_DIR: cache });
    const instanceId = findInstance(other.paths.instance)?.instanceId ?? "";
    recordUse(cache, { instanceId, stateDir: other.stateDir }, [join(cache, "portal-0123456789ab")]);
    for (const line of ["uninstall --yes", "reset --yes --cache"]) {
      const refused = await run(line);
      expect(refused).toMatchObject({
        code: 12,
        answer: { error: { facts: { cacheDir: cache, by: other.stateDir } } },
      });
    }
    expect(await run("uninstall --yes --keep-cache")).toMatchObject({ code: 0 });
    expect(readdirSync(stateDir)).toEqual(["cache"]);
  });

  test("that a process of somebody else runs from is not deleted, although nobody recorded it", async () => {
    const { run, stateDir } = await openInstance();
    const program = join(stateDir, "cache", "node-0123456789ab", "program");
    mkdirSync(join(program, ".."), { recursive: true });
    writeFileSync(program, "");
    startProcess(["tail", "-f", program]);
    expect(await run("uninstall --yes")).toMatchObject({
      code: 12,
      answer: { error: { code: "DESTRUCTIVE_REFUSED" } },
    });
  });

  test("outside the state folder loses what this instance alone used, and nothing else", async () => {
    const cache = openFolder();
    const first = await openInstance({ ELK_OS_CACHE_DIR: cache });
    const second = await openInstance({ ELK_OS_CACHE_DIR: cache });
    const [own, shared] = [join(cache, "rag-000000000001"), join(cache, "rag-000000000002")];
    for (const path of [own, shared, join(cache, "toolchain-1")]) mkdirSync(path);
    for (const [instance, entries] of [
      [first, [own, shared]],
      [second, [shared]],
    ] as const) {
      const instanceId = findInstance(instance.paths.instance)?.instanceId ?? "";
      recordUse(cache, { instanceId, stateDir: instance.stateDir }, entries);
    }
    const { answer } = await first.run("uninstall --yes");
    expect(answer.keep).toContainEqual({ path: shared, what: `a runtime that ${second.stateDir} uses` });
    expect(readdirSync(cache).filter((name) => name !== "users")).toEqual(["rag-000000000002", "toolchain-1"]);
    await second.run("uninstall --yes");
    expect(readdirSync(cache).filter((name) => name !== "users")).toEqual(["toolchain-1"]);
  });
});

describe("client files in a project folder", () => {
  test("that wire --into wrote, into an empty folder and again, are gone afterwards", async () => {
    const { run, folder, paths } = await openInstance();
    writeFileSync(join(paths.secrets, "agent-a01"), "f00d".repeat(16), { mode: 0o600 });
    const project = join(folder, "project");
    mkdirSync(project);
    expect(await run(`wire --agent a01 --into ${project}`)).toMatchObject({ code: 0, answer: { changed: 3 } });
    expect(await run(`wire --agent a01 --into ${project}`)).toMatchObject({ code: 0, answer: { changed: 0 } });
    expect(readdirSync(project).sort()).toEqual([".claude", ".mcp.json", "CLAUDE.md"]);
    expect(await run("uninstall --yes")).toMatchObject({ code: 0 });
    expect(readdirSync(project)).toEqual([]);
  });

  test("go where elk-os wrote all of it; of a shared file only our entries go, and a changed text stays", async () => {
    const { run, folder, paths } = await openInstance();
    const [mcp, settings, rules] = [".mcp.json", ".claude/settings.json", "CLAUDE.md"].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    mkdirSync(join(folder, ".claude"));
    writeFileSync(mcp, '{"mcpServers":{"other":{"command":"x"}}}');
    const files = [
      { path: mcp, text: '{"mcpServers":{"other":{"command":"x"},"board":{"url":"u"}}}' },
      { path: settings, text: '{"enabledMcpjsonServers":["board"]}' },
      { path: rules, text: "# Rules\n" },
    ];
    recordPlaced(paths.placed, files);
    for (const { path, text } of files) writeFileSync(path, text);
    writeFileSync(rules, "# Rules\nand mine\n");
    const { code, answer } = await run("uninstall --yes");
    expect(code).toBe(0);
    expect(answer.clientFiles.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      "cleaned",
      "removed",
      "left",
    ]);
    expect(JSON.parse(readFileSync(mcp, "utf8"))).toEqual({ mcpServers: { other: { command: "x" } } });
    expect(existsSync(join(folder, ".claude"))).toBe(false);
    expect(readFileSync(rules, "utf8")).toBe("# Rules\nand mine\n");
  });
});

test("on a terminal it asks for the instance's name, and anything else changes nothing", async () => {
  const { environment, stateDir } = await openInstance({ ELK_OS_INSTANCE: "board-1" });
  const main = join(process.cwd(), "cli/src/main.ts");
  // script(1) gives the command a terminal and types what it gets on its own standard input.
  const type = (text: string) =>
    runCommand(["script", "-qec", `${process.execPath} ${main} uninstall --ascii`, "/dev/null"], {
      purpose: "uninstall on a terminal",
      timeoutMs: 60_000,
      environment,
      input: text,
    });
  await expect(type("y\n")).rejects.toThrow(/"y" is not board-1; nothing was changed/);
  expect(existsSync(join(stateDir, "secrets"))).toBe(true);
  expect((await type("board-1\n")).stdout).toContain("no process of the instance lives");
  expect(existsSync(stateDir)).toBe(false);
});
