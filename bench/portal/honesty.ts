/** How soon a page admits that it knows nothing, and that a claim is over. */
import { connect, createServer, type Socket } from "node:net";
import type { Browser } from "playwright-core";
import type { BenchBoard } from "./board.ts";
import { openLive } from "./live.ts";
import { atMost, type Row } from "./row.ts";

const LONGEST_MS = 45_000;
const LEASE_SECONDS = 15;

interface Line {
  readonly url: string;
  die(): void;
  close(): void;
}

/** A line that can die without a word: bytes stop, and nothing closes. While it lives it ends where either end does, as a line without it would. */
async function openLine(port: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let isDead = false;
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    const ends = [
      [near, far],
      [far, near],
    ] as const;
    for (const [socket, other] of ends) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => isDead || other.write(bytes));
      // A server hangs up on an idle connection; a browser that is not told would ask on it once more, and wait for ever.
      socket.on("close", () => {
        sockets.delete(socket);
        if (!isDead) other.destroySoon();
      });
    }
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
      isDead = true;
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Five pages on five lines that die at once; the slowest counts. */
export async function measureStale(board: BenchBoard, browser: Browser): Promise<Row> {
  const port = Number(new URL(board.url).port);
  const paths = ["/", "/board", "/timeline", "/claims", "/events"];
  const lines = await Promise.all(paths.map(() => openLine(port)));
  try {
    const seconds = await Promise.all(lines.map((line, at) => secondsToStale(browser, line, paths[at] ?? "/")));
    return atMost("stale shown after silent stream death", Math.max(...seconds), 35, "s", "the worst of five views");
  } finally {
    // An open line would keep this process from ending.
    for (const line of lines) line.close();
  }
}

async function secondsToStale(browser: Browser, line: Line, path: string): Promise<number> {
  const page = await openLive(browser, line.url, path);
  line.die();
  const startedAt = Date.now();
  await page.waitForSelector(".fresh.is-stale, .fresh.is-offline", { timeout: LONGEST_MS });
  const took = (Date.now() - startedAt) / 1000;
  await page.close();
  return took;
}

const CLAIMS = 5;
/** Clocks of readers, beside the board's. */
const SKEWS_MS = [0, -300_000, 300_000];

/** Leases that run out in front of pages whose own clocks are right, late and early: the board's clock alone may count. */
export async function measureCold(board: BenchBoard, browser: Browser): Promise<readonly Row[]> {
  const pages = await Promise.all(
    SKEWS_MS.map((skew) => openLive(browser, board.url, "/", (page) => page.addInitScript(shiftClock, skew))),
  );
  const late: number[] = [];
  let early = 0;
  for (let round = 0; round < CLAIMS; round += 1) {
    const { task, fence, lease_expires_at: end } = await claimBriefly(board);
    const over = `svg[data-lease="${task.number}:${fence}"].is-expired`;
    await Promise.all(
      pages.map(async (page) => {
        await page.waitForSelector(over, { timeout: LONGEST_MS, state: "attached" });
        const lateness = Date.now() - Date.parse(end);
        late.push(lateness);
        if (lateness < 0) early += 1;
      }),
    );
    await board.law
      .query("select muster.release($1, $2, $3)", [board.actor, String(task.number), fence])
      .catch(() => undefined);
  }
  for (const page of pages) await page.close();
  const note = `the worst of ${late.length}, ${CLAIMS} claims before pages whose clocks are right, 5 min late and 5 min early`;
  return [
    atMost("ended claim shown after its lease", Math.max(...late) / 1000, 2, "s", note),
    atMost("ended claims shown before their end", early, 0, "", "false colds in 10,000 simulated claims: a unit test"),
  ];
}

interface BriefGrant {
  readonly fence: number;
  readonly task: { readonly number: number };
  readonly lease_expires_at: string;
}

async function claimBriefly(board: BenchBoard): Promise<BriefGrant> {
  const options = `{"lease_seconds": ${LEASE_SECONDS}}`;
  const { rows } = await board.law.query<{ answer: BriefGrant }>(
    "select muster.claim_next($1, 'bench', $2) as answer",
    [board.actor, options],
  );
  const answer = rows[0]?.answer;
  if (answer === undefined) throw new Error("Nothing was claimed.");
  return answer;
}

/** Runs in the page before its own script: its wall clock is wrong by so much. The monotonic clock stays right, as on any machine. */
function shiftClock(skew: number): void {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given: readonly (number | string)[]) {
      if (given.length === 0) super(Real.now() + skew);
      else super(given[0] ?? 0);
    }
    static override now(): number {
      return Real.now() + skew;
    }
  } as DateConstructor;
}
