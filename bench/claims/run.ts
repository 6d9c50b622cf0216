/**
 * `npm run bench:claims -- [--quick] [--json]`: Muster's claims beside R (single-row UPDATE), pg-boss and graphile-worker, on one server.
 * Writes bench/results/claims-<date>-<quick or long>.json, .md and three .svg. Needs pgbench (Debian: in postgresql-15). Exit 0 also when floors are missed: a missed floor is a finding.
 * Exit 1 when a row could not be measured: the page is written all the same, and its note says why.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drawChart } from "./chart.ts";
import { assertPgbench, startBench } from "./cluster.ts";
import { installContenders } from "./contenders.ts";
import { type Measured, measure } from "./measure.ts";
import { report } from "./report.ts";
import { LONG, QUICK } from "./sizes.ts";
import { verbRows } from "./verbs-rows.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" }, json: { type: "boolean" } } });
const isQuick = flags.quick === true;
const RESULTS = join(import.meta.dirname, "..", "results");
const note = (line: string) => process.stderr.write(`${line}\n`);

function facts() {
  const git = (...argv: string[]) => execFileSync("git", argv, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  return {
    date: new Date().toISOString(),
    commit: git("rev-parse", "--short", "HEAD"),
    hasChanges: git("status", "--porcelain", "--", "../../board") !== "",
    form: isQuick ? "quick" : "long",
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    postgres: "18, fsync on, synchronous_commit on, shared_buffers 256 MB",
    loadBefore: loadavg()[0] ?? 0,
  };
}

function writeCharts(curves: Measured["curves"], base: string): readonly string[] {
  const charts = {
    latency: { title: "Latency of one claim_next", x: "tasks waiting", y: "milliseconds" },
    clients: { title: "Pairs (claim_next + submit) per second", x: "clients", y: "pairs per second" },
    rivals: { title: "Jobs per second, 4 loops in one Node process", x: "jobs waiting", y: "jobs per second" },
  } as const;
  return (["latency", "clients", "rivals"] as const)
    .filter((name) => curves[name].some(({ points }) => points.length > 0))
    .map((name) => {
      const file = `${base}-${name}.svg`;
      writeFileSync(file, drawChart({ ...charts[name], lines: curves[name] }));
      return file;
    });
}

const machine = facts();
await assertPgbench();
await installContenders(note);
const bench = await startBench();
try {
  const measured = await measure(bench, isQuick ? QUICK : LONG, note);
  const rows = [...measured.rows, ...(await verbRows(isQuick))];
  const result = { ...machine, loadAfter: loadavg()[0] ?? 0, rows, figures: measured.figures, curves: measured.curves };
  mkdirSync(RESULTS, { recursive: true });
  const base = join(RESULTS, `claims-${machine.date.slice(0, 10)}-${machine.form}`);
  const charts = writeCharts(measured.curves, base);
  const page = report(result, charts);
  writeFileSync(`${base}.json`, `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(`${base}.md`, page);
  process.stdout.write(flags.json === true ? `${JSON.stringify(result, null, 2)}\n` : page);
  const unmeasured = rows.filter(({ verdict }) => verdict === "not measured");
  for (const { metric, note: why } of unmeasured) note(`Not measured: ${metric}. ${why}`);
  process.exitCode = unmeasured.length === 0 ? 0 : 1;
} finally {
  await bench.stop();
}
