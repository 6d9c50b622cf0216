/** From a reader's click or key to the first frame that shows what it asked for. */
import type { Browser, Page } from "playwright-core";
import type { BenchBoard } from "./board.ts";
import { atMost, quantile, type Row } from "./row.ts";

/** Six times ten kinds: the 95th part of sixty is no longer the second worst of twenty. */
const ROUNDS = 6;

interface Interaction {
  /** Where the reader is. */
  readonly from: string;
  act(page: Page): Promise<unknown>;
  /** Where the reader is then; the same page for what opens in place. */
  readonly to: string;
  /** What must be painted. */
  readonly shown: string;
}

const filter = (menu: string, choice: string, shown = "main .card, main .empty"): Interaction => ({
  from: "/board",
  async act(page) {
    await page.locator(".facets summary", { hasText: menu }).click();
    await page.locator(`.facets details[open] a[href="/board?${menu.toLowerCase()}=${choice}"]`).click();
  },
  to: `/board?${menu.toLowerCase()}=${choice}`,
  shown,
});

const INTERACTIONS: readonly Interaction[] = [
  filter("Priority", "P1"),
  filter("Phase", "P2"),
  filter("Phase", "P3"),
  filter("Agent", "bench-01"),
  filter("Lanes", "priority", "main .lane .card"),
  {
    from: "/list",
    async act(page) {
      await page.locator("#list-words").fill("rudder");
      await page.locator("#list-words").press("Enter");
    },
    to: "/list?q=rudder",
    shown: "main .task-rows tbody tr",
  },
  {
    from: "/list",
    act: (page) => page.locator(".pager a[rel=next]").click(),
    to: "/list?page=2",
    shown: "main .task-rows tbody tr",
  },
  {
    from: "/timeline",
    act: (page) => page.locator('.tabs a[href="/timeline?range=24h"]').click(),
    to: "/timeline?range=24h",
    shown: "main svg.tl, main .empty",
  },
  {
    from: "/board",
    async act(page) {
      await page.locator("html[data-keys]").waitFor();
      await page.keyboard.press("?");
    },
    to: "/board",
    shown: "dialog[open]",
  },
  {
    from: "/board",
    async act(page) {
      await page.locator("html[data-keys]").waitFor();
      await page.keyboard.press("/");
    },
    to: "/board",
    shown: "dialog[open] [role=option]",
  },
];

export async function measureInteraction(
  board: BenchBoard,
  browser: Browser,
  tasks: number,
  { limit, aim }: { readonly limit: number; readonly aim: number },
): Promise<Row> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(noteActAndSight);
  const times: number[] = [];
  const worst = { ms: 0, of: "" };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const interaction of INTERACTIONS) {
      const ms = await timeOf(board, page, interaction);
      times.push(ms);
      if (ms > worst.ms) Object.assign(worst, { ms, of: `${interaction.from} → ${interaction.to}` });
    }
  }
  await page.close();
  const note = `p50 ${Math.round(quantile(times, 0.5))}, worst ${Math.round(worst.ms)} (${worst.of}); ${INTERACTIONS.length} kinds, n ${times.length}; from the click or key to the frame that is painted with what it asked for`;
  const metric = `interaction p95 at ${tasks.toLocaleString("en")} tasks`;
  return atMost(metric, quantile(times, 0.95), limit, "ms", note, aim);
}

async function timeOf(board: BenchBoard, page: Page, { from, act, to, shown }: Interaction): Promise<number> {
  await page.goto(`${board.url}${from}`);
  // Nothing but the act itself may count.
  await page.evaluate(() => sessionStorage.removeItem("bench-acted"));
  await act(page);
  await page.waitForURL((url) => `${url.pathname}${url.search}` === to);
  const seen = await page.evaluate(
    (css) =>
      new Promise<number>((done) => {
        const sights: ReadonlyMap<string, number> = Reflect.get(globalThis, "benchSights");
        const watch: (css: string) => void = Reflect.get(globalThis, "benchWatch");
        watch(css);
        const look = () => {
          const at = sights.get(css);
          if (at === undefined) setTimeout(look, 5);
          else done(at);
        };
        look();
      }),
    shown,
  );
  return seen - (await page.evaluate(() => Number(sessionStorage.getItem("bench-acted"))));
}

/**
 * Runs in the page before its own script: the instant of the last click or key, kept over a navigation, and for each frame which of the things
 * that may be asked for were there. What was there before the act does not count, in whichever way the next page comes: its stamp must be another.
 */
function noteActAndSight(): void {
  const now = () => performance.timeOrigin + performance.now();
  const stampOf = () => document.querySelector("[data-live-read]")?.getAttribute("data-live-read") ?? "";
  for (const kind of ["click", "keydown"]) {
    const act = () => {
      sessionStorage.setItem("bench-acted", String(now()));
      sessionStorage.setItem("bench-stamp", stampOf());
      for (const css of sights.keys()) wanted.add(css);
      sights.clear();
    };
    addEventListener(kind, act, true);
  }
  const known = ["main .card, main .empty", "main .lane .card", "main .task-rows tbody tr", "main svg.tl, main .empty"];
  const wanted = new Set([...known, "dialog[open]", "dialog[open] [role=option]"]);
  const sights = new Map<string, number>();
  Reflect.set(globalThis, "benchSights", sights);
  Reflect.set(globalThis, "benchWatch", (css: string) => wanted.add(css));
  const look = () => {
    if (document.readyState !== "loading") {
      for (const css of wanted) {
        if (sights.has(css) || document.querySelector(css) === null) continue;
        if (!css.startsWith("dialog") && stampOf() === sessionStorage.getItem("bench-stamp")) continue;
        wanted.delete(css);
        // A callback runs before its frame is painted; the next one, after it was.
        requestAnimationFrame(() => requestAnimationFrame(() => sights.set(css, now())));
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
