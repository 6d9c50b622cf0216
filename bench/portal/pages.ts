/** What a page weighs, how fast it answers, and whether everybody can use it. */
import { gzipSync } from "node:zlib";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { pageRoutes } from "../../test/support/portal-routes.ts";
import type { BenchBoard } from "./board.ts";
import { atMost, broken, quantile, type Row } from "./row.ts";

const AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Rows of the board that this bench fills. */
const SAMPLES = {
  "tasks/[number]": "/tasks/5",
  "receipts/[number]": "/receipts/1",
  "releases/[repository]/[version]": "/releases/bench/1.0.0",
};
/** As many again in another dress; without a search service a search has no answer to look at. */
const VARIANTS = ["/board?lanes=agent", "/board?agent=nobody", "/list?status=nothing", "/?kiosk=1"];
/** Answered with 404, and to be read all the same. */
const MISSING = "/tasks/999999999";
const REPLAY_MS = 60_000;
const VIEWPORTS = [390, 768, 1440];
const THEMES = ["paper", "console"];

/** Scripts that a modern browser loads first, fonts, and requests to anybody else. */
export async function measureWeight(board: BenchBoard, browser: Browser): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const [path, limit] of [
    ["/", 155],
    ["/board", 175],
    ["/timeline", 185],
  ] as const) {
    const page = await browser.newPage();
    let scripts = 0;
    let fonts = 0;
    let foreign = 0;
    page.on("response", async (response) => {
      if (!response.url().startsWith(board.url)) foreign += 1;
      const kind = response.request().resourceType();
      const body = await response.body().catch(() => Buffer.alloc(0));
      if (kind === "script") scripts += gzipSync(body).length;
      if (kind === "font") fonts += body.length;
    });
    const answer = await page
      .goto(`${board.url}${path}`, { waitUntil: "networkidle", timeout: 20_000 })
      .catch(() => page.goto(`${board.url}${path}`));
    await page.waitForTimeout(1_000);
    await page.close();
    if (answer?.status() !== 200) {
      rows.push(
        broken(`first-load JS gz, ${path}`, `≤ ${limit} KB`, `${path} answered ${answer?.status() ?? "nothing"}`),
      );
      continue;
    }
    rows.push(atMost(`first-load JS gz, ${path}`, scripts / 1024, limit, "KB"));
    if (path === "/")
      rows.push(atMost("fonts, /", fonts / 1024, 90, "KB"), atMost("third-party requests, /", foreign, 0, ""));
  }
  return rows;
}

/** Menu and choice, as a reader of the board would click them. */
const FILTERS = [
  ["Priority", "P1"],
  ["Phase", "P2"],
  ["Priority", "P0"],
  ["Phase", "P3"],
  ["Agent", "bench-01"],
] as const;

/** From a click on a filter of the board to the first paint that shows what it leaves. */
export async function measureInteraction(
  board: BenchBoard,
  browser: Browser,
  tasks: number,
  limit: number,
): Promise<Row> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript(noteClickAndRows);
  const times: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    for (const [menu, choice] of FILTERS) {
      await page.goto(`${board.url}/board`);
      const path = `/board?${menu.toLowerCase()}=${choice}`;
      await page.locator(".facets summary", { hasText: menu }).click();
      await page.locator(`.facets details[open] a[href="${path}"]`).click();
      await page.waitForURL(`${board.url}${path}`);
      times.push(await clickToRows(page));
    }
  }
  await page.close();
  const note = `p50 ${Math.round(quantile(times, 0.5))}; from the click to the frame that is painted with the rows of the filtered board, n ${times.length}`;
  return atMost(`interaction p95 at ${tasks.toLocaleString("en")} tasks`, quantile(times, 0.95), limit, "ms", note);
}

/** Runs in the page: when a link was clicked, kept over the navigation, and when the rows of this page were painted. */
function noteClickAndRows(): void {
  const now = () => performance.timeOrigin + performance.now();
  addEventListener("click", () => sessionStorage.setItem("bench-clicked", String(now())), true);
  const look = () => {
    if (document.readyState === "loading" || document.querySelector("main .card, main .empty") === null) {
      requestAnimationFrame(look);
      return;
    }
    // A callback runs before its frame is painted; the next one, after it was.
    requestAnimationFrame(() => requestAnimationFrame(() => Reflect.set(globalThis, "benchShown", now())));
  };
  requestAnimationFrame(look);
}

async function clickToRows(page: Page): Promise<number> {
  await page.waitForFunction(() => typeof Reflect.get(globalThis, "benchShown") === "number");
  return page.evaluate(() => Reflect.get(globalThis, "benchShown") - Number(sessionStorage.getItem("bench-clicked")));
}

export async function measureSnapshot(board: BenchBoard): Promise<readonly Row[]> {
  const times: number[] = [];
  let bytes = 0;
  let rows = 0;
  for (let round = 0; round < 10; round += 1) {
    const startedAt = performance.now();
    const answer = await fetch(`${board.url}/api/snapshot`, { headers: { "accept-encoding": "identity" } });
    const text = await answer.text();
    times.push(performance.now() - startedAt);
    rows = JSON.parse(text).tasks.length;
    const packed = await fetch(`${board.url}/api/snapshot`, { headers: { "accept-encoding": "gzip" } });
    bytes = Number(packed.headers.get("content-length") ?? gzipSync(Buffer.from(await packed.arrayBuffer())).length);
  }
  return [
    atMost(`snapshot of ${rows.toLocaleString("en")} tasks, gz`, bytes / 1024, 150, "KB"),
    atMost(
      `snapshot of ${rows.toLocaleString("en")} tasks, server`,
      quantile(times, 0.5),
      150,
      "ms",
      "median of 10, uncompressed, with the transfer over loopback",
    ),
  ];
}

/** Every route that exists × both themes × three widths. */
export async function measureAxe(board: BenchBoard, browser: Browser): Promise<Row> {
  const found: string[] = [];
  const replay = `/board?at=${new Date(Date.now() - REPLAY_MS).toISOString()}`;
  let pages = 0;
  for (const width of VIEWPORTS) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
    for (const route of [...pageRoutes(SAMPLES), ...VARIANTS, MISSING, replay]) {
      for (const theme of THEMES) {
        const answer = await page.goto(`${board.url}${route}${route.includes("?") ? "&" : "?"}theme=${theme}`);
        pages += 1;
        const status = answer?.status() ?? 0;
        if (status !== (route === MISSING ? 404 : 200)) {
          found.push(`answer ${status} on ${route} ${theme} ${width}`);
          continue;
        }
        await page.evaluate(axe.source);
        const violations: readonly string[] = await page.evaluate(
          async (rules) =>
            (await Reflect.get(globalThis, "axe").run(document, { runOnly: rules })).violations.map(
              ({ id }: { id: string }) => id,
            ),
          AXE_RULES,
        );
        found.push(...violations.map((id) => `${id} on ${route} ${theme} ${width}`));
      }
    }
    await page.close();
  }
  const note = `${pages} pages${found.length === 0 ? "" : `: ${[...new Set(found)].slice(0, 8).join("; ")}`}`;
  return atMost("axe violations and pages that did not answer", found.length, 0, "", note);
}
