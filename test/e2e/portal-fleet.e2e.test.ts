import type pg from "pg";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { runFleet } from "../../bench/fleet/run-fleet.ts";
import { loadConfig } from "../../cli/src/config/load.ts";
import { withStack } from "../../cli/src/stack/open-stack.ts";
import { openBrowser } from "../support/browser.ts";
import { connectSuperuser } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

/** One leg of the fleet's run: longer than a lease, so that the claim of an agent that died ends while the browser looks. */
const LEG_MS = 20_000;
const LEGS = 3;
/** Three minutes on two idle cores. */
const FLEET_TIMEOUT_MS = 600_000;

/** Pages that watch, and what on each says how the fleet's tasks stand. */
const WATCHED = {
  "/board": "main .kan section",
  "/": "main .claims > li",
  "/claims": "main .claims > li",
  "/timeline": "main table tbody tr",
} as const;
type Path = keyof typeof WATCHED;

let stack: Stack;
let browser: Browser;
/** Loads pages anew, and has their scripts and styles from the first time. */
let visitor: BrowserContext;
let superuser: pg.Client;

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  visitor = await browser.newContext();
  superuser = await connectSuperuser(stack);
});

afterAll(async () => {
  await browser?.close();
  await superuser?.end();
});

/** The words of each row, in the order in which they stand, without durations: those count on. */
const rowsOf = (page: Page, path: Path) =>
  page.evaluate(
    `[...document.querySelectorAll(${JSON.stringify(WATCHED[path])})].map((row) => row.textContent.replace(/(\\d+ [smhd] ?)+/g, ""))`,
  );

/** Notes every card by its column, and every claim by its state, that the page shows from now on, however short. */
const KEEP_WATCH = `(() => {
  const seen = (globalThis.seen = new Set());
  const look = () => {
    for (const column of document.querySelectorAll("main .kan section"))
      for (const link of column.querySelectorAll(".k-t a, .lite a[href*='/tasks/']"))
        seen.add(link.pathname.split("/").at(-1) + " " + column.getAttribute("aria-labelledby"));
    for (const claim of document.querySelectorAll("main .claim[data-key]"))
      seen.add(claim.dataset.key.replace("claim-", "") + " " + claim.className.replace("claim ", ""));
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributeFilter: ["class"] });
})()`;

/** The columns of the board by the statuses that stand in them. */
const STATUS: Readonly<Record<string, string>> = { progress: "in_progress", review: "in_review" };

/** What a page showed of these tasks while it was watched: "65 in_progress" on the board, "65 is-cold" among claims. */
async function seenOf(page: Page | undefined, tasks: readonly number[]): Promise<readonly string[]> {
  const seen = z.array(z.string()).parse(await page?.evaluate("[...globalThis.seen]"));
  return seen
    .map((words) => words.split(" "))
    .filter(([task]) => tasks.includes(Number(task)))
    .map(([task, state = ""]) => `${task} ${STATUS[state] ?? state}`);
}

/** Each status that a task of the fleet had, by its trail, as `seenOf` writes it. */
async function trailOf(tasks: readonly number[]): Promise<ReadonlySet<string>> {
  const { rows } = await superuser.query<{ seen: string }>(
    `select distinct e.task || ' ' || s.status as seen from muster_read.events e
     cross join lateral (values (e.from_status), (e.to_status)) s (status)
     where e.entity = 'os_tasks' and e.task = any($1) and s.status is not null`,
    [tasks],
  );
  return new Set(rows.map(({ seen }) => seen));
}

/** The open page of each view shows what one shows that is loaded now. One view after the other, so that little time lies between the two looks. */
async function expectFresh(pages: ReadonlyMap<Path, Page>, when: string): Promise<void> {
  for (const [path, page] of pages) {
    const look = async () => {
      const fresh = await visitor.newPage();
      await fresh.goto(`${stack.urls.portal}${path}`);
      const loaded = await rowsOf(fresh, path);
      await fresh.close();
      return { loaded, open: await rowsOf(page, path) };
    };
    const agree = ({ loaded, open }: Awaited<ReturnType<typeof look>>) =>
      JSON.stringify(loaded) === JSON.stringify(open);
    await expect
      .poll(look, { timeout: 120_000, interval: 500, message: `${path} ${when}` })
      .toSatisfy(agree, "a fresh load and the open page agree");
  }
}

it("pages that a fleet rushes past show every card where it was, claims that die, and what a fresh load shows whenever it rests", {
  timeout: FLEET_TIMEOUT_MS,
}, async () => {
  const { stateDir, cacheDir, checkout } = stack;
  const environment = { ELK_OS_STATE_DIR: stateDir, ELK_OS_CACHE_DIR: cacheDir };
  const loaded = loadConfig({ checkout, environment });
  const pages = new Map<Path, Page>();
  const errors: string[] = [];
  for (const path of Object.keys(WATCHED) as Path[]) {
    const page = await browser.newPage();
    page.on("pageerror", (error) => errors.push(`${path}: ${error.message}`));
    await page.goto(`${stack.urls.portal}${path}`);
    await page.locator(".fresh.is-live").waitFor();
    await page.evaluate("globalThis.mark = 1");
    await page.evaluate(KEEP_WATCH);
    pages.set(path, page);
  }
  const all = new Map<string, number>();
  for (let leg = 1; leg <= LEGS; leg += 1) {
    let tasks: readonly number[] = [];
    const deeds = await withStack(loaded, (open) =>
      runFleet(open, {
        ...{ agents: 4, tasks: 24, seed: leg, lastsMs: LEG_MS },
        look: async (numbers) => {
          tasks = numbers;
          await expectFresh(pages, `while the field of leg ${leg} stands`);
        },
      }),
    );
    for (const [deed, times] of Object.entries(deeds)) all.set(deed, (all.get(deed) ?? 0) + times);
    for (const deed of ["died", "next MUSTER_CLAIM_CONFLICT"])
      expect(deeds[deed] ?? 0, `${deed} in leg ${leg}: ${JSON.stringify(deeds)}`).toBeGreaterThan(0);
    const silent = (await seenOf(pages.get("/claims"), tasks)).filter((claim) => /is-(cold|expired)/.test(claim));
    expect(silent.length, `claims of the dead that were seen cold in leg ${leg}`).toBeGreaterThan(0);
    const trail = await trailOf(tasks);
    const cards = await seenOf(pages.get("/board"), tasks);
    expect(cards.length).toBeGreaterThan(tasks.length);
    expect(cards.filter((card) => !trail.has(card))).toEqual([]);
    await expectFresh(pages, `after leg ${leg}`);
  }
  // The fleet had to do what a page can get wrong.
  for (const deed of ["next", "heartbeat", "note", "submit", "review", "verdict"])
    expect(all.get(deed) ?? 0, `${deed}: ${JSON.stringify([...all])}`).toBeGreaterThan(0);
  for (const page of pages.values()) expect(await page.evaluate("globalThis.mark")).toBe(1);
  expect(errors).toEqual([]);
  for (const page of pages.values()) await page.close();
});
