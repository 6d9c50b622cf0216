/** What a live page does in a real browser: how soon a commit is seen, whether anything jumps, what a burst costs. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import type { BenchBoard } from "./board.ts";
import { atMost, quantile, type Row } from "./row.ts";
import { joinStream } from "./watcher.ts";

const LIVE_MS = 30_000;
const SEEN_MS = 10_000;
const CLIENTS = 100;
/** So many of them are pages; more would measure two processors that render. */
const PAGES = 10;

interface Notes {
  readonly seen: number[];
  readonly shifts: number[];
  readonly longTasks: number[];
}

/** A page that has its stream, and notes each change of its list of claims, layout shifts and long tasks. */
export async function openLive(
  browser: Browser,
  url: string,
  path = "/",
  /** What the page must have before it is loaded. */
  prepare: (page: Page) => Promise<unknown> = async () => undefined,
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await prepare(page);
  await page.addInitScript(() => {
    const notes: Notes = { seen: [], shifts: [], longTasks: [] };
    Reflect.set(globalThis, "bench", notes);
    const observe = (type: string, take: (entry: PerformanceEntry) => void) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
    observe("layout-shift", (entry) => {
      if (Reflect.get(entry, "hadRecentInput") !== true) notes.shifts.push(Number(Reflect.get(entry, "value")));
    });
    observe("longtask", (entry) => notes.longTasks.push(entry.duration));
    document.addEventListener("DOMContentLoaded", () => {
      const count = () => document.querySelectorAll(".claims > li").length;
      let known = count();
      new MutationObserver(() => {
        if (count() === known) return;
        known = count();
        // The frame after the change is the first that can show it.
        requestAnimationFrame(() => notes.seen.push(Date.now()));
      }).observe(document.body, { childList: true, subtree: true });
    });
  });
  await page.goto(`${url}${path}`);
  try {
    await page.waitForSelector(".fresh.is-live", { timeout: LIVE_MS });
  } catch {
    // What the pill says instead is the first question of whoever reads the report.
    const said = await page.evaluate(() => document.querySelector(".fresh summary")?.textContent ?? "no pill");
    throw new Error(`${path} was not live within ${LIVE_MS / 1000} s; its pill says: ${said}`);
  }
  return page;
}

export async function notesOf(page: Page): Promise<Notes> {
  return page.evaluate(() => {
    const notes: Notes = Reflect.get(globalThis, "bench");
    return { seen: notes.seen.splice(0), shifts: notes.shifts.splice(0), longTasks: notes.longTasks.splice(0) };
  });
}

/** ms from a COMMIT to the frame that shows it. */
async function sight(page: Page, committedAt: number): Promise<number> {
  const deadline = Date.now() + SEEN_MS;
  for (;;) {
    const [at] = (await notesOf(page)).seen.filter((seen) => seen >= committedAt);
    if (at !== undefined) return at - committedAt;
    if (Date.now() > deadline) throw new Error(`A commit was not seen within ${SEEN_MS} ms.`);
    await sleep(25);
  }
}

interface Grant {
  readonly task: { readonly number: number };
  readonly fence: number;
}

export async function claimOne(board: BenchBoard): Promise<Grant> {
  const { rows } = await board.law.query<{ answer: Grant }>("select muster.claim_next($1, 'bench') as answer", [
    board.actor,
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error("Nothing was claimed.");
  return row.answer;
}

export async function releaseOne(board: BenchBoard, { task, fence }: Grant): Promise<void> {
  await board.law.query("select muster.release($1, $2, $3)", [board.actor, String(task.number), fence]);
}

/** Of every page, so that the slowest of them counts. */
async function commitsToPixels(board: BenchBoard, pages: readonly Page[], rounds: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let at = 0; at < rounds; at += 1) {
    const grant = await claimOne(board);
    const granted = Date.now();
    times.push(...(await Promise.all(pages.map((page) => sight(page, granted)))));
    await sleep(150);
    await releaseOne(board, grant);
    const released = Date.now();
    times.push(...(await Promise.all(pages.map((page) => sight(page, released)))));
    await sleep(150);
  }
  return times;
}

export async function measureLatency(board: BenchBoard, browser: Browser, rounds: number): Promise<readonly Row[]> {
  const first = await openLive(browser, board.url);
  const alone = await commitsToPixels(board, [first], rounds);
  const pages = [first];
  while (pages.length < PAGES) pages.push(await openLive(browser, board.url));
  const others = await Promise.all(
    Array.from({ length: CLIENTS - PAGES }, () => joinStream(board.url, { view: "/" }, () => false)),
  );
  const crowded = await commitsToPixels(board, pages, rounds);
  for (const other of others) other.leave();
  for (const page of pages) await page.close();
  const note = (times: readonly number[]) =>
    `p50 ${quantile(times, 0.5)}, p95 ${quantile(times, 0.95)}, n ${times.length}`;
  return [
    atMost("COMMIT → pixel, 1 client, p95", quantile(alone, 0.95), 250, "ms", note(alone), 120),
    atMost(
      "COMMIT → pixel, 100 clients, p95",
      quantile(crowded, 0.95),
      400,
      "ms",
      `${note(crowded)}; ${PAGES} pages of one Chromium and ${CLIENTS - PAGES} plain streams of the same view`,
      250,
    ),
  ];
}

/** Claims and releases for a minute; every shift of the layout counts. */
export async function measureShift(board: BenchBoard, browser: Browser, seconds: number): Promise<readonly Row[]> {
  return [await shiftOf(board, browser, "/", seconds), await shiftOf(board, browser, "/board", seconds)];
}

async function shiftOf(board: BenchBoard, browser: Browser, path: string, seconds: number): Promise<Row> {
  const page = await openLive(browser, board.url, path);
  await notesOf(page);
  const until = Date.now() + seconds * 1000;
  let changes = 0;
  while (Date.now() < until) {
    const grants = [await claimOne(board), await claimOne(board)];
    await sleep(700);
    for (const grant of grants) await releaseOne(board, grant);
    await sleep(700);
    changes += 4;
  }
  const { shifts } = await notesOf(page);
  await page.close();
  const sum = shifts.reduce((total, shift) => total + shift, 0);
  return atMost(
    `CLS over ${seconds} s of live updates, ${path}`,
    sum,
    0.02,
    "",
    `${changes} changes of the claims; the sum of all shifts, not only of the worst window`,
    0,
  );
}

export async function lastEvent(board: BenchBoard): Promise<number> {
  const { rows } = await board.admin.query<{ id: string }>("select coalesce(max(id), 0) as id from public.os_events");
  return Number(rows[0]?.id);
}

/** A watcher cut off while things happen, which comes back with its cursor. */
export async function measureResume(board: BenchBoard, seconds: number): Promise<readonly Row[]> {
  const append =
    "select muster.append_event('os_projects', gen_random_uuid(), 1, 'created', null, 'bench', null, null, '{}')";
  const first = await joinStream(board.url, {}, (event) => event === "events");
  await board.admin.query(append);
  while (first.heard.length === 0) await sleep(20);
  const cursor = first.heard.at(-1)?.id ?? "";
  first.leave();
  const before = await lastEvent(board);
  const events = seconds * 5;
  for (let at = 0; at < events; at += 1) {
    await board.admin.query(append);
    await sleep(200);
  }
  const again = await joinStream(board.url, { after: cursor }, (event) => event === "events");
  const deadline = Date.now() + SEEN_MS;
  const ids = () => again.heard.flatMap(({ data }) => JSON.parse(data).map(({ id }: { id: number }) => id));
  while (ids().length < events && Date.now() < deadline) await sleep(20);
  again.leave();
  const missed = events - new Set(ids().filter((id) => id > before)).size;
  return [
    atMost(`resume after a ${seconds} s cut: missing`, missed, 0, "", `${events} events happened meanwhile`),
    atMost(`resume after a ${seconds} s cut: sent twice`, ids().length - new Set(ids()).size, 0, ""),
  ];
}
