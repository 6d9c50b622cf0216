/** What somebody hears who sees nothing of the portal. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { startLine } from "../support/line.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
});

/** Everything that the polite regions of the page say from now on, one line each time. */
const listen = (page: Page) =>
  page.evaluate(`
    globalThis.said = [];
    for (const region of document.querySelectorAll("[role=status]"))
      new MutationObserver(() => said.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true })
  `);

const said = (page: Page): Promise<readonly string[]> => page.evaluate("globalThis.said");

/** Sorted, so that two sets can be compared. */
const textsOf = async (page: Page, expression: string): Promise<readonly string[]> => {
  const found: readonly string[] = await page.evaluate(expression);
  return found.toSorted();
};

describe("a page that stops being current", () => {
  it("says so once, and says once that it is current again", async () => {
    const line = await startLine(stack.ports.portal);
    const page = await browser.newPage();
    await page.goto(`${line.url}/claims`);
    await page.locator(".fresh.is-live").waitFor();
    await listen(page);
    line.cut();
    await expect.poll(() => said(page), { timeout: 30_000 }).toEqual([expect.stringMatching(/^Offline\./)]);
    line.mend();
    await expect
      .poll(() => said(page), { timeout: 60_000 })
      .toEqual([expect.stringMatching(/^Offline\./), expect.stringMatching(/^Live\./)]);
    await page.close();
    await line.stop();
  });
});

describe("a picture", () => {
  it("of the claims has each bar as a row of its table, and no other", async () => {
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(`${stack.urls.portal}/timeline?range=all`);
    const bars = await textsOf(
      page,
      "[...document.querySelectorAll('svg.tl a > title')].map((t) => t.textContent.match(/#(\\d+), \\w+, epoch (\\d+)/).slice(1).join(' '))",
    );
    const rows = await textsOf(
      page,
      "[...document.querySelectorAll('section[aria-labelledby=same] tbody tr')].map((r) => [r.querySelector('.tid'), r.cells[2]].map((c) => c.textContent.replace(/\\D/g, '')).join(' '))",
    );
    expect(bars.length).toBeGreaterThan(5);
    expect(rows).toEqual(bars);
    await page.close();
  });

  it("of what waits for what has each edge in its table, in both directions, and no other", async () => {
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(`${stack.urls.portal}/graph?scope=all`);
    const edges = await textsOf(page, "[...document.querySelectorAll('[data-edge]')].map((e) => e.dataset.edge)");
    const row = (cell: number, edge: string) =>
      `[...document.querySelectorAll('section[aria-labelledby=same] tbody tr')].flatMap((r) => {
        const own = r.querySelector('.tid').textContent.slice(1);
        return [...r.cells[${cell}].querySelectorAll('a')].map((a) => { const other = a.textContent.trim().slice(1); return ${edge}; });
      })`;
    expect(edges.length).toBeGreaterThan(3);
    expect(await textsOf(page, row(2, "other + '-' + own"))).toEqual(edges);
    expect(await textsOf(page, row(3, "own + '-' + other"))).toEqual(edges);
    await page.close();
  });
});
