/**
 * npm run --silent bench:portal -- [--quick] [--json] [--only PART]: every promise of the portal, measured in a real Chromium against the built portal on a
 * real Postgres. --quick shortens the long watches and leaves out what a short one cannot say. Without --silent npm
 * writes two lines of its own before the JSON. Writes bench/results/portal-<day>.md and .json; a run of some parts replaces their rows
 * in the report of the same day, so that a machine that must be quiet needs to be so for minutes only.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { openBrowser } from "../../test/support/browser.ts";
import { type BenchBoard, raiseBoard } from "./board.ts";
import { measureBurst } from "./burst.ts";
import { measureCold, measureStale } from "./honesty.ts";
import { measureInteraction } from "./interaction.ts";
import { measureLighthouse } from "./lighthouse.ts";
import { measureLatency, measureResume, measureShift } from "./live.ts";
import { measureAxe, measureSnapshot, measureWeight } from "./pages.ts";
import { notMeasured, type Row } from "./row.ts";
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

type Part = (board: BenchBoard, browser: Browser) => Promise<Row | readonly Row[]>;
/** On a board of 10,000 tasks, in this order. */
const PARTS: Readonly<Record<string, Part>> = {
  units: measureUnits,
  weight: measureWeight,
  latency: (board, browser) => measureLatency(board, browser, quick ? 20 : 50),
  shift: (board, browser) => measureShift(board, browser, 60),
  interaction: (board, browser) => measureInteraction(board, browser, 10_000, { limit: 100, aim: 50 }),
  snapshot: measureSnapshot,
  burst: measureBurst,
  resume: (board) => measureResume(board, 30),
  cold: measureCold,
  stale: measureStale,
  watchers: (board) => measureWatchers(board, quick ? 40 : 1_800),
  axe: measureAxe,
  lighthouse: measureLighthouse,
};
const HUGE = "interaction-100k";
const wanted = (name: string) => values.only === undefined || values.only.split(",").includes(name);

const rows: Row[] = [];
const say = (text: string) => process.stderr.write(`${text}\n`);
const browser = await openBrowser();
try {
  if (Object.keys(PARTS).some(wanted)) {
    const board = await raiseBoard(10_000);
    try {
      for (const [name, part] of Object.entries(PARTS)) {
        if (!wanted(name)) continue;
        say(name);
        await take(name, () => part(board, browser));
      }
    } finally {
      await board.stop();
    }
  }
  if (wanted(HUGE)) {
    say(HUGE);
    await take(HUGE, async () => {
      const board = await raiseBoard(100_000);
      try {
        return await measureInteraction(board, browser, 100_000, { limit: 200, aim: 100 });
      } finally {
        await board.stop();
      }
    });
  }
} finally {
  await browser.close();
}
report();

/** A part that breaks is reported as not measured, with the reason, and the others go on. */
async function take(name: string, part: () => Promise<Row | readonly Row[]>): Promise<void> {
  try {
    add(name, [await part()].flat());
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
    chromium: browser.version(),
    quick,
  };
  const file = resolve(import.meta.dirname, "..", "results", `portal-${day}`);
  const order = [...Object.keys(PARTS), HUGE];
  const all = [...earlierRows(`${file}.json`), ...rows].toSorted(
    (a, b) => order.indexOf(a.part ?? "") - order.indexOf(b.part ?? ""),
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
