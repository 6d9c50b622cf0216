/**
 * A clean install, the tests and a start of the search with the network cut: npm run --silent bench:rag-offline -- [--cache DIR] [--only PATH] [--out FILE]
 * The commit that is checked out is cloned twice. The first clone fills an npm cache and is deleted; the second, empty one is all that the steps see,
 * each in a network namespace that has nothing but its own loopback. Root only. --cache: where the npm cache is kept; one that is there is used as it is
 * (default: filled here, which takes the network, and deleted). --only: a part of the tests, by the beginning of their paths. Prints JSON and writes
 * it to bench/results/rag-offline-<day>.json, with --only to --out alone. Exit 1 when a step failed or was not reached.
 */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { say } from "../progress.ts";
import { loadNow, RESULTS, runFacts } from "../run-facts.ts";
import { readSuiteOutcome } from "./suite-outcome.ts";

const { values } = parseArgs({
  options: { cache: { type: "string" }, only: { type: "string" }, out: { type: "string" } },
});
const ROOT = join(import.meta.dirname, "../..");
/** What is installed for the tests alone, beside the repository's own packages. */
const RUNTIMES = ["rag/runtimes/huggingface", "rag/runtimes/xenova"];
const STEPS = ["cut", "install", "unit tests", "integration tests of search", "start"] as const;
/** Steps without which the rest would prove nothing. */
const NEEDED = ["cut", "install"];
/** More than any step takes; one that takes longer has failed. */
const STEP_MS = 900_000;
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
const facts = runFacts();
const steps: Step[] = [];
const startedMs = performance.now();
let filledSeconds: number | null = null;
/** What ended the run before its time. */
let broken: string | null = null;
try {
  if (!existsSync(cache)) fillCache();
  say("clone");
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
} catch (error) {
  broken = error instanceof Error ? error.message : String(error);
  say(`broke: ${broken}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
const notReached = STEPS.filter((name) => !steps.some((one) => one.step === name));
const ok = broken === null && notReached.length === 0 && steps.every((one) => one.ok);
const only = values.only ?? null;
const seconds = Math.round((performance.now() - startedMs) / 1_000);
// The clone is of the commit: what was changed beside it was not looked at.
const about = { ...facts, commit, loadAfter: loadNow() };
const result = { what: "offline", ok, seconds, filledSeconds, only, notReached, broken, ...about, steps };
const text = `${JSON.stringify(result, null, 2)}\n`;
const file = values.out ?? (only === null ? join(RESULTS, `rag-offline-${facts.at.slice(0, 10)}.json`) : null);
if (file !== null) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
process.stdout.write(text);
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
  const beganMs = performance.now();
  makeClone(folder);
  // Put in place as a whole: one that was cut short would be taken for a full one by the next run.
  const draft = `${cache}.draft`;
  for (const place of [".", ...RUNTIMES]) {
    say(`fill the cache: ${place}`);
    visible("npm", ["ci", "--ignore-scripts", "--cache", draft], join(folder, place));
  }
  renameSync(draft, cache);
  filledSeconds = secondsSince(beganMs);
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

/** Runs a command in the clone with the network cut. `judge` is given what it said; one that takes nothing leaves it on stderr, where a person sees it move. */
function step(
  name: (typeof STEPS)[number],
  argv: readonly string[],
  judge: (said: string) => { ok: boolean; found: unknown },
): void {
  if (steps.some((before) => !before.ok && NEEDED.includes(before.step))) return;
  say(`${name} …`);
  const beganMs = performance.now();
  const ended: SpawnSyncReturns<string> = spawnSync(
    "unshare",
    ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", ...argv],
    {
      cwd: clone,
      env: { ...environment, npm_config_offline: "true" },
      encoding: "utf8",
      stdio: ["ignore", judge.length === 0 ? 2 : "pipe", "inherit"],
      maxBuffer: 2 ** 28,
      timeout: STEP_MS,
      killSignal: "SIGKILL",
    },
  );
  const took = secondsSince(beganMs);
  let verdict: { ok: boolean; found: unknown };
  try {
    if (ended.error !== undefined) throw ended.error;
    verdict = judge(ended.stdout);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    verdict = { ok: false, found: why.replaceAll(work, "WORK") };
  }
  // No path of this machine, and no script, goes into the record.
  const words = argv.map((word) => (word === process.execPath ? "node" : word.replaceAll(work, "WORK")));
  const command = words.filter((word) => !/\s/.test(word));
  steps.push({
    step: name,
    command: command.join(" "),
    seconds: took,
    exit: ended.status,
    ...verdict,
    ok: verdict.ok && ended.status === 0,
  });
  const how = steps.at(-1)?.ok === true ? "well" : `NOT WELL: ${JSON.stringify(verdict.found).slice(0, 2_000)}`;
  say(`${name}: ${took} s, ${how}`);
}

function secondsSince(beganMs: number): number {
  return Math.round((performance.now() - beganMs) / 100) / 10;
}

function suite(name: (typeof STEPS)[number], project: string, places: readonly string[]): void {
  mkdirSync(join(work, "reports"), { recursive: true });
  const report = join(work, "reports", `${project}.json`);
  const paths = values.only === undefined ? places : [values.only];
  const format = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  step(name, ["node_modules/.bin/vitest", "run", "--project", project, ...format, ...paths], () =>
    readSuiteOutcome(readFileSync(report, "utf8"), clone),
  );
}
