/**
 * A clean install, the tests and a start of the search with the network cut: node bench/rag-harm/offline.ts [--cache DIR] [--only PATH] [--out FILE]
 * The commit that is checked out is cloned twice. The first clone fills an npm cache and is deleted; the second, empty one is all that the steps see,
 * each in a network namespace that has nothing but its own loopback. Root only. --cache: an npm cache that was filled before (default: filled
 * here, which takes the network). --only: a part of the tests, by the beginning of their paths. Prints JSON; exit 1 when a step failed.
 */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readSuiteOutcome } from "./suite-outcome.ts";

const { values } = parseArgs({
  options: { cache: { type: "string" }, only: { type: "string" }, out: { type: "string" } },
});
const ROOT = join(import.meta.dirname, "../..");
/** What is installed for the tests alone, beside the repository's own packages. */
const RUNTIMES = ["rag/runtimes/huggingface", "rag/runtimes/xenova"];
/** Steps without which the rest would prove nothing. */
const NEEDED = ["cut", "install"];
/** Documentation's own network: nobody is there, so an attempt tells of the way and not of its end. */
const ELSEWHERE = "192.0.2.1";

interface Step {
  readonly step: string;
  readonly command: string;
  readonly seconds: number;
  readonly exit: number | null;
  readonly ok: boolean;
  readonly found: unknown;
}

if (process.getuid?.() !== 0)
  throw new Error("Only root can make a network namespace here; run it with sudo, or in a container that may.");

const work = mkdtempSync(join(tmpdir(), "muster-offline-"));
const clone = join(work, "clone");
const cache = values.cache === undefined ? join(work, "npm") : resolve(values.cache);
const environment = { ...process.env, npm_config_cache: cache, ELK_OS_CACHE_DIR: join(work, "cache"), ...headers() };
const commit = visible("git", ["rev-parse", "HEAD"], ROOT).trim();
const steps: Step[] = [];
try {
  if (values.cache === undefined) fillCache();
  makeClone(clone);
  step("cut", [process.execPath, "-e", lookAround()], (said) => {
    const seen = JSON.parse(said) as { interfaces: readonly string[]; elsewhere: string };
    return { ok: seen.interfaces.join() === "lo" && seen.elsewhere === "ENETUNREACH", found: seen };
  });
  step("install", ["npm", "ci", "--offline", "--include=dev", "--include=optional"], () => {
    const vectors = existsSync(join(clone, "node_modules/hnswlib-node/build")) ? "hnswlib-node was compiled" : "exact";
    return { ok: existsSync(join(clone, "node_modules/.package-lock.json")), found: { vectors } };
  });
  suite("unit tests", "unit", []);
  suite("integration tests of search", "integration", ["rag/", "bench/rag/"]);
  step("start", [process.execPath, "test/fault/fixtures/boot-alone.ts"], (said) => {
    const { interfaces, health, found } = JSON.parse(said) as {
      interfaces: readonly string[];
      health: { status: string; reasons: readonly string[]; model: { state: string } };
      found: { mode: string; hits: readonly { path: string }[] };
    };
    const seen = { interfaces, status: health.status, reasons: health.reasons, model: health.model.state };
    const ok = seen.status === "ok" && seen.model === "verified" && found.hits[0]?.path === "memory/ports.md";
    return { ok, found: { ...seen, mode: found.mode, hits: found.hits.length } };
  });
} finally {
  rmSync(work, { recursive: true, force: true });
}
const ok = steps.length === 5 && steps.every((one) => one.ok);
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryMb: Math.round(totalmem() / 2 ** 20) };
const only = values.only ?? null;
const result = {
  what: "offline",
  ok,
  commit,
  at: new Date().toISOString(),
  node: process.version,
  machine,
  only,
  steps,
};
const text = `${JSON.stringify(result, null, 2)}\n`;
if (values.out !== undefined) writeFileSync(values.out, text);
console.log(text);
process.exitCode = ok ? 0 : 1;

/** Printed by Node in the namespace: its interfaces, and why nobody elsewhere can be reached. */
function lookAround(): string {
  return `const socket = require("node:net").connect(443, "${ELSEWHERE}");
    const tell = (elsewhere) => {
      console.log(JSON.stringify({ interfaces: Object.keys(require("node:os").networkInterfaces()), elsewhere }));
      process.exit();
    };
    socket.once("error", ({ code }) => tell(code)).once("connect", () => tell("reached"));
    setTimeout(tell, 20_000, "no answer");`;
}

function makeClone(folder: string): void {
  visible("git", ["clone", "--quiet", "--no-hardlinks", "--no-checkout", ROOT, folder]);
  visible("git", ["checkout", "--quiet", "--detach", commit], folder);
}

/** Installs once what the steps install again, for npm to keep it. Scripts are left out: they are run where it counts. */
function fillCache(): void {
  const folder = join(work, "fill");
  makeClone(folder);
  for (const place of [".", ...RUNTIMES]) visible("npm", ["ci", "--ignore-scripts"], join(folder, place));
  rmSync(folder, { recursive: true });
}

/** Headers of this very Node where it brings them, so that the compiler of the graph's library fetches none. */
function headers(): { npm_config_nodedir?: string } {
  const folder = join(dirname(process.execPath), "..");
  return existsSync(join(folder, "include/node/node.h")) ? { npm_config_nodedir: folder } : {};
}

function visible(file: string, args: readonly string[], cwd = work): string {
  const ended = spawnSync(file, args, {
    cwd,
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (ended.status !== 0) throw new Error(`${file} ${args[0]} ended with ${ended.status ?? ended.signal}.`);
  return ended.stdout;
}

/** Runs a command in the clone with the network cut. What it prints goes to stderr, too, so that a person sees it move. */
function step(name: string, argv: readonly string[], judge: (said: string) => { ok: boolean; found: unknown }): void {
  if (steps.some((before) => !before.ok && NEEDED.includes(before.step))) return;
  console.error(`offline: ${name}`);
  const startedMs = performance.now();
  const ended: SpawnSyncReturns<string> = spawnSync(
    "unshare",
    ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...argv],
    {
      cwd: clone,
      env: { ...environment, npm_config_offline: "true" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
      maxBuffer: 2 ** 28,
    },
  );
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  let verdict: { ok: boolean; found: unknown };
  try {
    verdict = judge(ended.stdout);
  } catch (error) {
    verdict = { ok: false, found: error instanceof Error ? error.message : String(error) };
  }
  // No path of this machine, and no script, goes into the record.
  const words = argv.map((word) => (word === process.execPath ? "node" : word.replaceAll(work, "WORK")));
  const command = words.filter((word) => !/\s/.test(word));
  steps.push({
    step: name,
    command: command.join(" "),
    seconds,
    exit: ended.status,
    ...verdict,
    ok: verdict.ok && ended.status === 0,
  });
}

function suite(name: string, project: string, places: readonly string[]): void {
  mkdirSync(join(work, "reports"), { recursive: true });
  const report = join(work, "reports", `${project}.json`);
  const paths = values.only === undefined ? places : [values.only];
  const format = ["--reporter=json", `--outputFile=${report}`];
  step(name, ["node_modules/.bin/vitest", "run", "--project", project, ...format, ...paths], () =>
    readSuiteOutcome(readFileSync(report, "utf8"), clone),
  );
}
