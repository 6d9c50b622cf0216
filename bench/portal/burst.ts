/**
 * A thousand real edits of tasks that the page shows, committed within a second: every one of them changes a card. The law takes longer than a
 * second for them, so ten transactions make them first and are committed one after the other. What the page itself heard is counted in the
 * page; a plain stream beside it is the second witness.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Browser, Page } from "playwright-core";
import { patchItems } from "../../test/support/directus-writes.ts";
import type { BenchBoard } from "./board.ts";
import { lastEvent, notesOf, openLive } from "./live.ts";
import { atMost, type Row } from "./row.ts";
import { joinStream } from "./watcher.ts";

const TRANSACTIONS = 10;
const EDITS = 10;
/** As many ready tasks as the board shows. */
const CARDS = 100;
const EVENTS = CARDS * EDITS;
const SHOWN_MS = 15_000;

export async function measureBurst(board: BenchBoard, browser: Browser): Promise<readonly Row[]> {
  const page = await openLive(browser, board.url, "/board", (fresh) => fresh.addInitScript(noteHeard));
  const plain = await joinStream(board.url, {}, (event) => event === "events");
  const cards = await shownTasks(board, page);
  const before = await lastEvent(board);
  await notesOf(page);
  const writers = await prepareEdits(board, cards);
  const startedAt = Date.now();
  for (const [at, writer] of writers.entries()) {
    await writer.query("commit");
    await sleep(Math.max(0, startedAt + (at + 1) * 90 - Date.now()));
  }
  const tookMs = Date.now() - startedAt;
  const committed = await eventsAfter(board, before);
  const inPage = async () => (await heardIn(page)).filter((id) => id > before);
  const inPlain = () =>
    plain.heard.flatMap(({ data }) => JSON.parse(data).map(({ id }: { id: number }) => id)).filter((id) => id > before);
  const deadline = Date.now() + SHOWN_MS;
  const isWhole = async () =>
    new Set(inPlain()).size >= EVENTS &&
    new Set(await inPage()).size >= EVENTS &&
    (await turnedCards(page)) === cards.length;
  while (!(await isWhole()) && Date.now() < deadline) await sleep(100);
  const { longTasks } = await notesOf(page);
  const heard = await inPage();
  const unshown = cards.length - (await turnedCards(page));
  plain.leave();
  await page.close();
  const lost = (ids: readonly number[]) => {
    const known = new Set(ids);
    return committed.filter((id) => !known.has(id)).length;
  };
  const doubled = (ids: readonly number[]) => ids.length - new Set(ids).size;
  const note = `${committed.length} edits of ${cards.length} shown tasks, committed in ${tookMs} ms by ${TRANSACTIONS} transactions`;
  return [
    atMost("burst of 1,000 events: missing from 1,000", EVENTS - committed.length, 0, "", note),
    atMost("burst of 1,000 events: committed within", tookMs, 1_000, "ms"),
    atMost("burst of 1,000 events: lost in the page", lost(heard), 0, "", `a plain stream lost ${lost(inPlain())}`),
    atMost(
      "burst of 1,000 events: doubled in the page",
      doubled(heard),
      0,
      "",
      `a plain stream had ${doubled(inPlain())} twice`,
    ),
    atMost("burst of 1,000 events: cards without the last edit", unshown, 0, ""),
    atMost("burst of 1,000 events: longest task in the page", Math.max(0, ...longTasks), 100, "ms", "with /board open"),
  ];
}

/** Open transactions with every edit made; in the order of their commits, so that none holds the events of an earlier one back. */
async function prepareEdits(board: BenchBoard, cards: readonly string[]): Promise<readonly pg.Client[]> {
  const writers: pg.Client[] = [];
  for (let at = 0; at < TRANSACTIONS; at += 1) {
    const writer = await board.connectLaw();
    const own = cards.filter((_, index) => index % TRANSACTIONS === at);
    await writer.query("begin");
    for (let edit = 1; edit <= EDITS; edit += 1) {
      await patchItems(writer, board.steward, "os_tasks", own, { title: `Turned ${edit} times` });
    }
    writers.push(writer);
  }
  return writers;
}

/** Runs in the page before its own script: the ids of the events that its stream brings. */
function noteHeard(): void {
  const heard: number[] = [];
  Reflect.set(globalThis, "benchHeard", heard);
  globalThis.EventSource = class extends EventSource {
    constructor(address: string | URL, options?: EventSourceInit) {
      super(address, options);
      this.addEventListener("events", ({ data }: MessageEvent<string>) => {
        for (const { id } of JSON.parse(data)) heard.push(id);
      });
    }
  };
}

const heardIn = (page: Page): Promise<readonly number[]> => page.evaluate(() => Reflect.get(globalThis, "benchHeard"));

/** Ids of the tasks that stand in the column of ready ones. */
async function shownTasks(board: BenchBoard, page: Page): Promise<readonly string[]> {
  const numbers = await page.locator("section[aria-labelledby=ready] .tid").allTextContents();
  const { rows } = await board.admin.query<{ id: string }>("select id from public.os_tasks where number = any($1)", [
    numbers.map((text) => Number(text.replace("#", ""))),
  ]);
  if (rows.length !== CARDS) throw new Error(`The board shows ${rows.length} ready tasks; the burst needs ${CARDS}.`);
  return rows.map(({ id }) => id);
}

/** How many of them show the last edit. */
function turnedCards(page: Page): Promise<number> {
  return page.locator("section[aria-labelledby=ready] .k-t", { hasText: `Turned ${EDITS} times` }).count();
}

async function eventsAfter(board: BenchBoard, id: number): Promise<readonly number[]> {
  const { rows } = await board.admin.query<{ id: string }>("select id from public.os_events where id > $1", [id]);
  return rows.map((row) => Number(row.id));
}
