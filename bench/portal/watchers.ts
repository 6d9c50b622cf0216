/** Many watchers at once: what each costs the portal in memory, the database in queries, and the others in time. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchBoard } from "./board.ts";
import { claimOne, releaseOne } from "./live.ts";
import { atMost, leftOut, quantile, type Row } from "./row.ts";
import { joinStream } from "./watcher.ts";

const WATCHERS = 500;
const WINDOW_MS = 5_000;
/** A reading on the edge of a window is counted or not, though nothing differs. */
const EDGE_QUERIES = 4;
/** A shorter watch sees the heap breathe: its slope says nothing. */
const SOAK_SECONDS = 1_800;

export async function measureWatchers(board: BenchBoard, soakSeconds: number): Promise<readonly Row[]> {
  await board.stopPortal();
  await board.startPortal();
  await fetch(board.url);
  await sleep(3_000);
  const idle = board.rss();
  const one = await joinStream(board.url, { view: "/" }, () => false);
  await sleep(5_000);
  const base = board.rss();
  const alone: number[] = [];
  for (let window = 0; window < 3; window += 1) alone.push(await queriesIn(board, WINDOW_MS));
  const many = await Promise.all(
    Array.from({ length: WATCHERS }, () => joinStream(board.url, { view: "/" }, (event) => event === "events")),
  );
  await sleep(5_000);
  const crowded = await queriesIn(board, WINDOW_MS);
  const full = board.rss();
  const delays: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const grant = await claimOne(board);
    const committedAt = Date.now();
    await sleep(2_000);
    for (const { heard } of many) {
      const first = heard.splice(0).find(({ at }) => at >= committedAt);
      delays.push(first === undefined ? 2_000 : first.at - committedAt);
    }
    await releaseOne(board, grant);
    await sleep(1_000);
    for (const { heard } of many) heard.length = 0;
  }
  for (const watcher of many.splice(200)) watcher.leave();
  const soaked = await soak(board, soakSeconds);
  for (const watcher of [one, ...many]) watcher.leave();
  const noise = Math.max(EDGE_QUERIES, Math.max(...alone) - Math.min(...alone));
  const extra = Math.max(0, crowded - Math.max(...alone));
  return [
    atMost("RSS idle", idle, 130, "MB"),
    atMost(
      "500 SSE watchers: added RSS",
      full - base,
      60,
      "MB",
      `${base.toFixed(0)} MB with one, ${full.toFixed(0)} MB with 501`,
    ),
    atMost(
      "500 SSE watchers: COMMIT → message, p99",
      quantile(delays, 0.99),
      500,
      "ms",
      `p50 ${quantile(delays, 0.5)}; ${delays.length} deliveries`,
    ),
    atMost(
      "500 more SSE watchers: queries beyond the noise of one, in 5 s",
      extra,
      noise,
      "",
      `${alone.join(", ")} with one watcher in windows of 5 s, ${crowded} with 501`,
    ),
    atMost(`RSS with 200 watchers over ${soakSeconds} s of 5 events/s, peak`, soaked.peak, 220, "MB"),
    soakSeconds < SOAK_SECONDS
      ? leftOut(
          "RSS with 200 watchers, slope",
          "≤ 1 MB per 10 min",
          `needs ${SOAK_SECONDS} s; this run watched ${soakSeconds}`,
        )
      : atMost(
          "RSS with 200 watchers, slope",
          soaked.perTenMinutes,
          1,
          "MB per 10 min",
          `over the second half of ${soakSeconds} s`,
        ),
  ];
}

/** Of the portal's role, from pg_stat_statements. */
async function queriesIn(board: BenchBoard, ms: number): Promise<number> {
  const calls = async () => {
    const { rows } = await board.admin.query<{ calls: string }>(
      "select coalesce(sum(calls), 0) as calls from pg_stat_statements where userid = 'muster_portal'::regrole",
    );
    return Number(rows[0]?.calls);
  };
  const before = await calls();
  await sleep(ms);
  return (await calls()) - before;
}

/** The most memory of the whole time, and the line through its second half, when the heap has settled. */
async function soak(
  board: BenchBoard,
  seconds: number,
): Promise<{ readonly peak: number; readonly perTenMinutes: number }> {
  const samples: { readonly s: number; readonly mb: number }[] = [];
  const startedAt = Date.now();
  while (Date.now() - startedAt < seconds * 1000) {
    const grant = await claimOne(board);
    await sleep(400);
    await releaseOne(board, grant);
    samples.push({ s: (Date.now() - startedAt) / 1000, mb: board.rss() });
  }
  const settled = samples.filter(({ s }) => s > seconds / 2);
  return { peak: Math.max(...samples.map(({ mb }) => mb)), perTenMinutes: slopeOf(settled) * 600 };
}

/** Least squares, MB per second; NaN, which meets no promise, when there are too few samples for a line. */
function slopeOf(samples: readonly { readonly s: number; readonly mb: number }[]): number {
  const mean = (of: (sample: (typeof samples)[number]) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [midS, midMb] = [mean(({ s }) => s), mean(({ mb }) => mb)];
  return mean(({ s, mb }) => (s - midS) * (mb - midMb)) / mean(({ s }) => (s - midS) ** 2);
}
