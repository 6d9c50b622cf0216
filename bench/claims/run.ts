/**
 * `npm run bench:claims -- [--quick] [--json]`: Muster's claims beside R (single-row UPDATE) and two queues, on one server.
 * Writes bench/results/claims-<date>.json and .md. Exit 0 also when floors are missed: a missed floor is a finding.
 */
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { type Bench, startBench } from "./cluster.ts";
import { type Row, round, verdictOf } from "./rows.ts";

const exec = promisify(execFile);
const { values: flags } = parseArgs({ options: { quick: { type: "boolean" }, json: { type: "boolean" } } });
const isQuick = flags.quick === true;
const HERE = import.meta.dirname;
const CLIENTS = 4;
/** Long form: the research's sizes. Quick: the same shapes in about 90 s. */
const SIZE = isQuick
  ? { seconds: 3, pairs: 100, batches: 3, large: 20_000, huge: 20_000, dead: 1_000, rival: 300 }
  : { seconds: 20, pairs: 2_000, batches: 40, large: 50_000, huge: 500_000, dead: 50_000, rival: 2_000 };
const AGENT = "'00000000-0000-4000-8000-000000000220'";

async function rival(name: "pg-boss" | "graphile-worker", bench: Bench, jobs: number): Promise<number | null> {
  if (!existsSync(join(HERE, "node_modules", name))) return null;
  const argv = [join(HERE, "rivals.mjs"), name, bench.url, String(jobs), String(CLIENTS)];
  const { stdout } = await exec("node", argv, {
    cwd: HERE,
    timeout: 300_000,
    env: { ...process.env, PAIRS: String(SIZE.rival) },
  });
  return Number(JSON.parse(stdout).perSecond);
}

/** Shared buffers and milliseconds of one claim, and of its pick alone; the median of five, after a first one that loads caches. */
async function costOfClaim(bench: Bench) {
  const explain = async (query: string) => {
    const { rows } = await bench.admin.query(`explain (analyze, buffers, format json) ${query}`);
    const [{ Plan: plan, "Execution Time": ms }] = rows[0]["QUERY PLAN"];
    return { buffers: Number(plan["Shared Hit Blocks"]) + Number(plan["Shared Read Blocks"]), ms: Number(ms) };
  };
  const median = async (query: string) => {
    const seen: { buffers: number; ms: number }[] = [];
    for (let index = 0; index < 6; index += 1) seen.push(await explain(query));
    const middle = (key: "buffers" | "ms") =>
      seen
        .slice(1)
        .map((cost) => cost[key])
        .sort((a, b) => a - b)[2] ?? Number.NaN;
    return { buffers: middle("buffers"), ms: middle("ms") };
  };
  return {
    claim: await median(`select muster.claim_next(${AGENT}, 'bench')`),
    pick: await median(
      "select muster.pick_work(a, null, null, (select h.last_value from muster.queue_head h)) from public.os_agents a where a.name = 'bench20'",
    ),
  };
}

async function measure(bench: Bench, note: (line: string) => void): Promise<readonly Row[]> {
  const R = await bench.pgbench("update", CLIENTS, ["-T", SIZE.seconds]);
  const R1 = await bench.pgbench("update", 1, ["-T", SIZE.seconds]);
  note(`R ${round(R1)}/s (1 client), ${round(R)}/s (${CLIENTS})`);
  await bench.fill(Math.max(1_000, CLIENTS * SIZE.pairs + 100));
  const pair = await bench.pgbench("pair", CLIENTS, ["-t", SIZE.pairs]);
  await bench.fill(CLIENTS * SIZE.pairs + 100);
  const advance = await bench.pgbench("advance", CLIENTS, ["-t", SIZE.pairs]);
  await bench.fill(CLIENTS * SIZE.batches * 50);
  const batch = 50 * (await bench.pgbench("batch", CLIENTS, ["-t", SIZE.batches]));
  note(`pair ${round(pair)}/s, advance ${round(advance)}/s, batch ${round(batch)} tasks/s`);
  const stats =
    "select n_tup_upd as updates, n_tup_hot_upd as hot from pg_stat_user_tables where relid = 'muster.leases'::regclass";
  await bench.fill(200);
  const before = (await bench.admin.query(stats)).rows[0];
  const heartbeat = await bench.pgbench("heartbeat", CLIENTS, ["-T", SIZE.seconds]);
  await bench.admin.query("select pg_sleep(1.1)");
  const after = (await bench.admin.query(stats)).rows[0];
  const hot = Number(after.hot - before.hot) / Math.max(1, Number(after.updates - before.updates));
  const boss1k = await rival("pg-boss", bench, 1_000);
  const graphile1k = await rival("graphile-worker", bench, 1_000);
  const fresh = await costOfClaim(bench);
  await bench.fill(SIZE.large);
  const pairLarge = await bench.pgbench("pair", CLIENTS, ["-t", SIZE.pairs]);
  const bossLarge = await rival("pg-boss", bench, SIZE.large);
  if (SIZE.huge > SIZE.large) await bench.fill(SIZE.huge - SIZE.large);
  const huge = await costOfClaim(bench);
  const holder = await bench.database.connect("postgres");
  await holder.query("begin isolation level repeatable read");
  await holder.query("select count(*) from public.os_agents");
  await bench.pgbench("pair", CLIENTS, ["-t", Math.ceil(SIZE.dead / CLIENTS)]);
  await bench.admin.query("select muster.tick()");
  const pinned = await costOfClaim(bench);
  const advancePinned = await bench.pgbench("advance", CLIENTS, ["-t", SIZE.pairs]);
  const graphilePinned = await rival("graphile-worker", bench, SIZE.dead);
  await holder.query("rollback");
  note(
    `pg-boss ${boss1k ?? "-"}/s at 1k, ${bossLarge ?? "-"}/s at ${SIZE.large}; graphile-worker ${graphile1k ?? "-"}/s, pinned ${graphilePinned ?? "-"}/s`,
  );
  const over = (mine: number, theirs: number | null) => (theirs === null ? null : round(mine / theirs));
  const row = (
    metric: string,
    value: number | null,
    floor: number,
    aim: number,
    sense: Row["sense"],
    text: string,
  ): Row => ({
    metric,
    value: value === null ? null : round(value),
    floor,
    aim,
    sense,
    note: text,
  });
  const rivalNote = "driven through the rival's own Node client; it neither fences nor logs";
  return [
    row(
      "claim_next + submit pair / R",
      pair / R,
      0.2,
      0.3,
      "min",
      `${round(pair)}/s of ${round(R)}/s, ${CLIENTS} clients`,
    ),
    row("advance / pair", advance / pair, 1.7, 2, "min", `${round(advance)} tasks/s`),
    row("claim_many(50) + complete_many / R", batch / R, 2, 4, "min", `${round(batch)} tasks/s`),
    row(
      "pair / pg-boss default, 1k",
      over(pair, boss1k),
      1.3,
      2,
      "min",
      `pg-boss ${boss1k === null ? "not installed" : round(boss1k)}; ${rivalNote}`,
    ),
    row(
      `pair / pg-boss default, ${SIZE.large}`,
      over(pairLarge, bossLarge),
      20,
      100,
      "min",
      `${round(pairLarge)}/s against ${bossLarge === null ? "not installed" : round(bossLarge)}`,
    ),
    row(
      "advance / graphile-worker unbatched, 1k",
      over(advance, graphile1k),
      1.2,
      1.5,
      "min",
      `graphile-worker ${graphile1k === null ? "not installed" : round(graphile1k)}; ${rivalNote}, and deletes its rows`,
    ),
    row(
      "advance / graphile-worker, xmin pinned",
      over(advancePinned, graphilePinned),
      3,
      5,
      "min",
      `${round(advancePinned)}/s against ${graphilePinned === null ? "not installed" : round(graphilePinned)}; ${SIZE.dead} dead rows`,
    ),
    row(
      "shared buffers of the pick, fresh",
      fresh.pick.buffers,
      40,
      20,
      "max",
      `whole claim with all its writes: ${fresh.claim.buffers}`,
    ),
    row(
      "shared buffers of the pick, xmin pinned",
      pinned.pick.buffers,
      60,
      20,
      "max",
      `whole claim: ${pinned.claim.buffers}; ${SIZE.dead} dead rows`,
    ),
    row(
      `claim latency, ${SIZE.huge} / 1k backlog`,
      huge.claim.ms / fresh.claim.ms,
      1.5,
      1.2,
      "max",
      `${round(fresh.claim.ms)} ms → ${round(huge.claim.ms)} ms`,
    ),
    row("heartbeat / R", heartbeat / R, 0.5, 0.8, "min", `${round(heartbeat)}/s`),
    row("heartbeat HOT share", hot, 0.95, 1, "min", "updates of muster.leases"),
    row(
      "next over /muster/mcp p95 / native MCP",
      null,
      0.5,
      0.35,
      "max",
      "needs a running stack; not part of this run",
    ),
  ];
}

function facts() {
  const git = (...argv: string[]) => execFileSync("git", argv, { cwd: HERE, encoding: "utf8" }).trim();
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
    postgres: "18, fsync on, shared_buffers 256 MB",
    loadBefore: loadavg()[0] ?? null,
  };
}

const machine = facts();
if (!existsSync(join(HERE, "node_modules"))) {
  process.stderr.write("Installing the rivals into bench/claims/node_modules …\n");
  await exec("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", HERE]).catch(
    (error: unknown) => process.stderr.write(`Without rivals: ${String(error).slice(0, 300)}\n`),
  );
}
const bench = await startBench();
try {
  const rows = await measure(bench, (line) => process.stderr.write(`${line}\n`));
  const result = {
    ...machine,
    loadAfter: loadavg()[0] ?? null,
    rows: rows.map((row) => ({ ...row, verdict: verdictOf(row) })),
  };
  const folder = join(HERE, "..", "results");
  mkdirSync(folder, { recursive: true });
  const base = join(folder, `claims-${machine.date.slice(0, 10)}`);
  writeFileSync(`${base}.json`, `${JSON.stringify(result, null, 2)}\n`);
  const lines = result.rows.map(
    (row) =>
      `| ${row.metric} | ${row.value ?? "–"} | ${row.sense === "min" ? "≥" : "≤"} ${row.floor} | ${row.aim} | ${row.verdict} | ${row.note} |`,
  );
  const head = `# Claims, ${machine.date.slice(0, 10)} (${machine.form})\n\nCommit ${machine.commit}${machine.hasChanges ? " with changes" : ""}; ${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, Linux ${machine.kernel}, Node ${machine.node}, Postgres ${machine.postgres}. Load ${machine.loadBefore?.toFixed(1)} before, ${result.loadAfter?.toFixed(1)} after: figures of a busy machine are no more than that; buffers and HOT share do not depend on it.\n\n`;
  writeFileSync(
    `${base}.md`,
    `${head}| metric | value | floor | aim | verdict | note |\n|---|---|---|---|---|---|\n${lines.join("\n")}\n`,
  );
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(result, null, 2)}\n` : readFileSync(`${base}.md`, "utf8"),
  );
} finally {
  await bench.stop();
}
