/** How soon a page admits that it knows nothing, and that a claim is over. */
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import type { BenchBoard } from "./board.ts";
import { openLive } from "./live.ts";
import { atMost, type Row } from "./row.ts";

const LONGEST_MS = 45_000;
const LEASE_SECONDS = 15;

/** A line that can die without a word: bytes stop, and nothing closes. */
async function openLine(port: number) {
  const sockets = new Set<Socket>();
  let isDead = false;
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    near.on("data", (bytes) => isDead || far.write(bytes));
    far.on("data", (bytes) => isDead || near.write(bytes));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    die: () => {
      isDead = true;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

export async function measureStale(board: BenchBoard, browser: Browser): Promise<Row> {
  const line = await openLine(Number(new URL(board.url).port));
  const page = await openLive(browser, line.url);
  line.die();
  const startedAt = Date.now();
  await page.waitForSelector(".fresh.is-stale, .fresh.is-offline", { timeout: LONGEST_MS });
  const seconds = (Date.now() - startedAt) / 1000;
  await page.close();
  line.close();
  return atMost("stale shown after silent stream death", seconds, 35, "s");
}

export async function measureCold(board: BenchBoard, browser: Browser): Promise<Row> {
  const page = await openLive(browser, board.url);
  const late: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    const { rows } = await board.law.query<{
      answer: { fence: number; task: { number: number }; lease_expires_at: string };
    }>(`select muster.claim_next($1, 'bench', '{"lease_seconds": ${LEASE_SECONDS}}') as answer`, [board.actor]);
    const answer = rows[0]?.answer;
    if (answer === undefined) throw new Error("Nothing was claimed.");
    const ember = `svg[data-lease="${answer.task.number}:${answer.fence}"].is-expired`;
    await page.waitForSelector(ember, { timeout: LONGEST_MS, state: "attached" });
    late.push(Date.now() - Date.parse(answer.lease_expires_at));
    await sleep(100);
    await board.law
      .query("select muster.release($1, $2, $3)", [board.actor, String(answer.task.number), answer.fence])
      .catch(() => undefined);
  }
  await page.close();
  return atMost(
    "ended claim shown after its lease",
    Math.max(...late) / 1000,
    2,
    "s",
    "the worst of two; 0 false colds in 10,000 simulated is a unit test",
  );
}
