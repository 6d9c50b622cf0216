/**
 * npm run --silent bench:portal -- [--quick] [--json] [--only PART]: every promise of the portal, measured in a real Chromium against the built portal on a
 * real Postgres. --quick shortens the long watches and leaves out what a short one cannot say. --only: a part, or several with commas
 * between. stderr tells how long each part took; one that hangs is given up and is a row "not measured". Without --silent npm
 * writes two lines of its own before the JSON. Writes bench/results/portal-<day>.md and .json; a run of some parts replaces their rows
 * in the report of the same day, so that a machine that must be quiet needs to be so for minutes only.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureBurst } from "./burst.ts";
import { measureCold, measureStale } from "./honesty.ts";
import { measureInteraction } from "./interaction.ts";
import { measureLighthouse } from "./lighthouse.ts";
import { measureLatency, measureResume, measureShift } from "./live.ts";
import { measureAxe, measureSnapshot, measureWeight } from "./pages.ts";
import { notMeasured, type Row } from "./row.ts";
import { type Part, Stage } from "./stage.ts";
import { measureUnits } from "./units.ts";
import { measureWatchers } from "./watchers.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const { quick } = values;
const SOAK_SECONDS = quick ? 40 : 1_800;
const MANY = 10_000;
const HUGE = 100_000;

const PARTS: readonly Part[] = [
  { name: "units", tasks: MANY, seconds: 180, measure: measureUnits },
  { name: "weight", tasks: MANY, seconds: 180, measure: measureWeight },
  {
    ...{ name: "latency", tasks: MANY, seconds: quick ? 400 : 800 },
    measure: (board, browser) => measureLatency(board, browser, quick ? 20 : 50),
  },
  { name: "shift", tasks: MANY, seconds: 300, measure: (board, browser) => measureShift(board, browser, 60) },
  {
    ...{ name: "interaction", tasks: MANY, seconds: 600 },
    measure: (board, browser) => measureInteraction(board, browser, MANY, { limit: 100, aim: 50 }),
  },
  { name: "snapshot", tasks: MANY, seconds: 120, measure: measureSnapshot },
  { name: "burst", tasks: MANY, seconds: 240, measure: measureBurst },
  { name: "resume", tasks: MANY, seconds: 180, measure: (board) => measureResume(board, 30) },
  { name: "cold", tasks: MANY, seconds: 360, measure: measureCold },
  { name: "stale", tasks: MANY, seconds: 240, measure: measureStale },
  {
    ...{ name: "watchers", tasks: MANY, seconds: SOAK_SECONDS + 300 },
    measure: (board) => measureWatchers(board, SOAK_SECONDS),
  },
  { name: "axe", tasks: MANY, seconds: 1_200, measure: measureAxe },
  { name: "lighthouse", tasks: MANY, seconds: 900, measure: measureLighthouse },
  {
    ...{ name: "interaction-100k", tasks: HUGE, seconds: 1_200 },
    measure: (board, browser) => measureInteraction(board, browser, HUGE, { limit: 200, aim: 100 }),
  },
];
const NAMES = PARTS.map(({ name }) => name);
const only = values.only?.split(",") ?? NAMES;
const unknown = only.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  throw new Error(`--only knows no part ${unknown.join(", ")}. The parts are: ${NAMES.join(", ")}.`);
}
const wanted = (name: string) => only.includes(name);

/** What a part that was given up had still in hand must not end the run. */
process.on("unhandledRejection", (reason) => say(`a part that was given up: ${String(reason)}`));
const say = (text: string) => process.stderr.write(`${text}\n`);
const rows: Row[] = [];
const stage = new Stage(say);
try {
  for (const part of PARTS.filter(({ name }) => wanted(name))) {
    say(`${part.name} …`);
    await take(part.name, () => stage.run(part));
  }
} finally {
  await stage.clear();
}
report();
endSoon();

/** A part that breaks is reported as not measured, with the reason, and the others go on. */
async function take(name: string, part: () => Promise<readonly Row[]>): Promise<void> {
  try {
    add(name, await part());
  } catch (error) {
    const words = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    add(name, [notMeasured(name, "", words)]);
  }
}

function add(part: string, found: readonly Row[]): void {
  // With a plus where the sources are not that commit's.
  const named = ["describe", "--always", "--exclude=*", "--dirty=+"];
  const commit = execFileSync("git", named, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  rows.push(...found.map((row) => ({ ...row, part, commit, load: loadNow() })));
}

/** Load average of one minute: a figure taken beside other work says so. */
function loadNow(): string {
  return readFileSync("/proc/loadavg", "utf8").split(" ")[0] ?? "";
}

/** Rows of the same day's report whose parts this run did not measure. */
function earlierRows(file: string): readonly Row[] {
  if (values.only === undefined || !existsSync(file)) return [];
  const { rows: known }: { readonly rows: readonly Row[] } = JSON.parse(readFileSync(file, "utf8"));
  return known.filter(({ part }) => part !== undefined && !wanted(part));
}

function report(): void {
  const day = new Date().toISOString().slice(0, 10);
  const facts = {
    day,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    chromium: stage.chromium,
    quick,
  };
  const file = resolve(import.meta.dirname, "..", "results", `portal-${day}`);
  const all = [...earlierRows(`${file}.json`), ...rows].toSorted(
    (a, b) => NAMES.indexOf(a.part ?? "") - NAMES.indexOf(b.part ?? ""),
  );
  writeFileSync(`${file}.json`, `${JSON.stringify({ ...facts, rows: all }, null, 2)}\n`);
  writeFileSync(`${file}.md`, markdown(facts, all));
  process.stdout.write(values.json ? `${JSON.stringify({ ...facts, rows }, null, 2)}\n` : markdown(facts, rows));
  process.exitCode = rows.every(({ met, isLeftOut = false }) => met === true || isLeftOut) ? 0 : 1;
}

function markdown(facts: Readonly<Record<string, string | boolean>>, shown: readonly Row[]): string {
  const lines = shown.map(
    ({ metric, floor, value, unit, met, aim = "", aimMet, isLeftOut, note = "", commit = "", load = "" }) => {
      const floorWord = met === null ? (isLeftOut === true ? "left out" : "not measured") : met ? "met" : "**missed**";
      const verdict = aimMet === true ? `${floorWord}, aim too` : floorWord;
      return `| ${metric} | ${floor} | ${aim} | ${value === null ? "" : `${value} ${unit}`} | ${verdict} | ${note} | ${commit}, ${load} |`;
    },
  );
  const head = Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(" · ");
  return `# Portal, measured\n\n${head}\n\n| metric | floor | aim | measured | verdict | note | commit, load |\n|---|---|---|---|---|---|---|\n${lines.join("\n")}\n`;
}

/** Whatever a part that was given up left open (a socket, a child) does not keep the run from ending; it is named, and the run has failed. */
function endSoon(): void {
  const timer = setTimeout(() => {
    say(`still open after the report: ${process.getActiveResourcesInfo().join(", ")}`);
    process.exit(1);
  }, 15_000);
  timer.unref();
}
