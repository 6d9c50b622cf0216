import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runFleet } from "../../bench/fleet/run-fleet.ts";
import { loadConfig } from "../../cli/src/config/load.ts";
import { withStack } from "../../cli/src/stack/open-stack.ts";
import { openBrowser } from "../support/browser.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

const FLEET_MS = 15_000;

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
});

/** Cards of the board in the order in which they stand. */
const cardsOf = (page: Page) =>
  page.evaluate(
    "[...document.querySelectorAll('main .kan section')].map((c) => c.textContent.replace(/\\d+\\s[smhd]\\b/g, ''))",
  );

it("a page that a fleet rushed past shows in the end what a page that was just loaded shows", async () => {
  const { stateDir, cacheDir, checkout } = stack;
  const loaded = loadConfig({
    checkout,
    environment: { ELK_OS_STATE_DIR: stateDir, ELK_OS_CACHE_DIR: cacheDir },
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`${stack.urls.portal}/board`);
  await page.locator(".fresh.is-live").waitFor();
  await page.evaluate("globalThis.mark = 1");
  const deeds = await withStack(loaded, (open) =>
    runFleet(open, { agents: 4, tasks: 24, seed: 7, signal: AbortSignal.timeout(FLEET_MS) }),
  );
  // The fleet had to do what a page can get wrong.
  expect(deeds["next"]).toBeGreaterThan(5);
  expect(deeds["submit"]).toBeGreaterThan(0);
  await expect
    .poll(
      async () => {
        const fresh = await browser.newPage();
        await fresh.goto(`${stack.urls.portal}/board`);
        const isSame = JSON.stringify(await cardsOf(fresh)) === JSON.stringify(await cardsOf(page));
        await fresh.close();
        return isSame;
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(true);
  expect(await page.evaluate("globalThis.mark")).toBe(1);
  expect(errors).toEqual([]);
  await page.close();
});
