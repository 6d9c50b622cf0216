/**
 * npm run bench:portal -- [--quick] [--json] [--only PART]: every promise of the portal, measured in a real Chromium against the built portal on a
 * real Postgres. --quick shortens the long watches. Writes bench/results/portal-<day>.md and .json.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { openBrowser } from "../../test/support/browser.ts";
import { type BenchBoard, raiseBoard } from "./board.ts";
import { measureCold, measureStale } from "./honesty.ts";
import { measureLighthouse } from "./lighthouse.ts";
import { measureBurst, measureLatency, measureResume, measureShift } from "./live.ts";
import { measureAxe, measureInteraction, measureSnapshot, measureWeight } from "./pages.ts";
import { notMeasured, type Row } from "./row.ts";
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
  weight: measureWeight,
  latency: (board, browser) => measureLatency(board, browser, quick ? 10 : 50),
  shift: (board, browser) => measureShift(board, browser, quick ? 15 : 60),
  interaction: (board, browser) => measureInteraction(board, browser, 10_000, 100),
  snapshot: measureSnapshot,
  burst: measureBurst,
  resume: (board) => measureResume(board, quick ? 5 : 30),
  cold: measureCold,
  stale: measureStale,
  watchers: (board) => measureWatchers(board, quick ? 20 : 1_800),
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
    const board = await raiseBoard(100_000);
    await take(HUGE, () => measureInteraction(board, browser, 100_000, 200));
    await board.stop();
  }
} finally {
  await browser.close();
}
report();

/** A part that breaks is reported as not measured, with the reason, and the others go on. */
async function take(name: string, part: () => Promise<Row | readonly Row[]>): Promise<void> {
  try {
    rows.push(...[await part()].flat());
  } catch (error) {
    rows.push(notMeasured(name, "", error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)));
  }
}

function report(): void {
  const day = new Date().toISOString().slice(0, 10);
  const facts = {
    day,
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    load: readFileSync("/proc/loadavg", "utf8").split(" ").slice(0, 3).join(" "),
    node: process.version,
    chromium: browser.version(),
    quick,
  };
  const text = JSON.stringify({ ...facts, rows }, null, 2);
  if (values.only === undefined) {
    const results = resolve(import.meta.dirname, "..", "results");
    writeFileSync(join(results, `portal-${day}.json`), `${text}\n`);
    writeFileSync(join(results, `portal-${day}.md`), markdown(facts));
  }
  process.stdout.write(values.json ? `${text}\n` : markdown(facts));
  process.exitCode = rows.every(({ met }) => met === true) ? 0 : 1;
}

function markdown(facts: Readonly<Record<string, string | boolean>>): string {
  const lines = rows.map(({ metric, floor, value, unit, met, note = "" }) => {
    const verdict = met === null ? "not measured" : met ? "met" : "**missed**";
    return `| ${metric} | ${floor} | ${value === null ? "" : `${value} ${unit}`} | ${verdict} | ${note} |`;
  });
  const head = Object.entries(facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(" · ");
  return `# Portal, measured\n\n${head}\n\n| metric | floor | measured | verdict | note |\n|---|---|---|---|---|\n${lines.join("\n")}\n`;
}
