/** What a page weighs, how fast it answers, and whether everybody can use it. */
import { gzipSync } from "node:zlib";
import axe from "axe-core";
import type { Browser } from "playwright-core";
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

/** A bare page of the Next that is pinned loads so much; what Now may add to it is the aim. */
const BARE_KB = 135;

const WEIGHED = [
  { path: "/", limit: 155, aim: BARE_KB + 10 },
  { path: "/board", limit: 175, aim: undefined },
  { path: "/timeline", limit: 185, aim: undefined },
] as const;

/** Scripts that a modern browser loads first, fonts, and requests to anybody else. */
export async function measureWeight(board: BenchBoard, browser: Browser): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { path, limit, aim } of WEIGHED) {
    const loaded = await loadWhole(board, browser, path);
    if ("problem" in loaded) {
      rows.push(broken(`first-load JS gz, ${path}`, `≤ ${limit} KB`, loaded.problem));
      continue;
    }
    const { scripts, fonts, foreign } = loaded;
    rows.push(
      atMost(`first-load JS gz, ${path}`, scripts / 1024, limit, "KB", undefined, aim),
      atMost(`fonts, ${path}`, fonts / 1024, 90, "KB"),
      atMost(`third-party requests, ${path}`, foreign, 0, ""),
    );
  }
  return rows;
}

interface Loaded {
  readonly scripts: number;
  readonly fonts: number;
  readonly foreign: number;
}

/** What a page loads, in bytes. A body that cannot be read is a problem: counted as nothing it would flatter the page. */
async function loadWhole(
  board: BenchBoard,
  browser: Browser,
  path: string,
): Promise<Loaded | { readonly problem: string }> {
  const page = await browser.newPage();
  let foreign = 0;
  const bodies: Promise<{ readonly kind: string; readonly body: Buffer }>[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(board.url)) foreign += 1;
  });
  page.on("response", (response) => {
    const kind = response.request().resourceType();
    if (kind === "script" || kind === "font") bodies.push(response.body().then((body) => ({ kind, body })));
  });
  const answer = await page.goto(`${board.url}${path}`);
  // The stream never lets the network be idle: what a first load fetches is there when the page is live.
  await page.waitForSelector(".fresh.is-live", { timeout: 30_000 });
  await page.waitForTimeout(1_000);
  const settled = await Promise.allSettled(bodies);
  await page.close();
  if (answer?.status() !== 200) return { problem: `${path} answered ${answer?.status() ?? "nothing"}` };
  const failed = settled.filter(({ status }) => status === "rejected").length;
  if (failed > 0) return { problem: `${failed} of ${settled.length} bodies could not be read` };
  const read = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const sum = (wanted: string, size: (body: Buffer) => number) =>
    read.filter(({ kind }) => kind === wanted).reduce((total, { body }) => total + size(body), 0);
  return {
    scripts: sum("script", (body) => gzipSync(body).length),
    fonts: sum("font", (body) => body.length),
    foreign,
  };
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
    atMost(`snapshot of ${rows.toLocaleString("en")} tasks, gz`, bytes / 1024, 150, "KB", undefined, 110),
    atMost(
      `snapshot of ${rows.toLocaleString("en")} tasks, server`,
      quantile(times, 0.5),
      150,
      "ms",
      "median of 10, uncompressed, with the transfer over loopback",
    ),
  ];
}

/** Every route that exists × both themes × three widths; the widths side by side, for most of the time a page waits for the portal. */
export async function measureAxe(board: BenchBoard, browser: Browser): Promise<Row> {
  const replay = `/board?at=${new Date(Date.now() - REPLAY_MS).toISOString()}`;
  const routes = [...pageRoutes(SAMPLES), ...VARIANTS, MISSING, replay];
  const audits = await Promise.all(VIEWPORTS.map((width) => auditAt(board, browser, width, routes)));
  const found = audits.flatMap(({ problems }) => problems);
  const pages = audits.reduce((sum, audit) => sum + audit.pages, 0);
  const note = `${pages} pages${found.length === 0 ? "" : `: ${[...new Set(found)].slice(0, 8).join("; ")}`}`;
  return atMost("axe violations and pages that did not answer", found.length, 0, "", note);
}

interface Audit {
  readonly pages: number;
  readonly problems: readonly string[];
}

async function auditAt(board: BenchBoard, browser: Browser, width: number, routes: readonly string[]): Promise<Audit> {
  const problems: string[] = [];
  let pages = 0;
  const page = await browser.newPage({ viewport: { width, height: 900 }, reducedMotion: "reduce" });
  for (const route of routes) {
    for (const theme of THEMES) {
      const answer = await page.goto(`${board.url}${route}${route.includes("?") ? "&" : "?"}theme=${theme}`);
      pages += 1;
      const status = answer?.status() ?? 0;
      if (status !== (route === MISSING ? 404 : 200)) {
        problems.push(`answer ${status} on ${route} ${theme} ${width}`);
        continue;
      }
      await page.evaluate(axe.source);
      const violations: readonly string[] = await page.evaluate(
        // What passed is counted by nobody, and collecting it takes as long as looking.
        async (rules) =>
          (
            await Reflect.get(globalThis, "axe").run(document, { runOnly: rules, resultTypes: ["violations"] })
          ).violations.map(
            ({ id, nodes }: { id: string; nodes: { target: string[] }[] }) => `${id} (${nodes[0]?.target.join(" ")})`,
          ),
        AXE_RULES,
      );
      problems.push(...violations.map((id) => `${id} on ${route} ${theme} ${width}`));
    }
  }
  await page.close();
  return { pages, problems };
}
