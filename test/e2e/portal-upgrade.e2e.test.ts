/** A page that stays open while the portal behind it is replaced. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
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

/** The page as a portal of an older build had sent it; everything after it comes from the portal of now. */
async function sendAsOlder(page: Page, path: string): Promise<void> {
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      const older = html.replace(/(<html[^>]*data-build=")[^"]+"/, '$1older"');
      if (older === html) throw new Error("The page names no build.");
      await route.fulfill({ response, body: older });
    },
    { times: 1 },
  );
}

describe("a page of an older build", () => {
  it("goes on live, says so, and is of the new build after its own link was pressed", async () => {
    const page = await browser.newPage();
    await sendAsOlder(page, "/board");
    await page.goto(`${stack.urls.portal}/board?priority=P1&theme=paper`);
    await page.locator(".fresh.is-live", { hasText: "new version" }).waitFor();
    await page.locator(".fresh > summary").click();
    await page.getByRole("link", { name: "Load this page in the new version" }).click();
    await page.waitForURL(/priority=P1.*theme=paper/);
    await page.locator("html:not([data-build=older]) .fresh.is-live").waitFor();
    expect(await page.locator(".fresh", { hasText: "new version" }).count()).toBe(0);
    await page.close();
  });
});

describe("a key whose script is gone", () => {
  it.each([["?"], ["g", "b"]])(
    "says so where all can see it, and works once the script is there again: %s %s",
    async (...keys) => {
      const page = await browser.newPage();
      await page.goto(`${stack.urls.portal}/`);
      await page.locator("html[data-keys]").waitFor();
      await page.route("**/_next/static/**", (route) => route.abort());
      for (const key of keys) await page.keyboard.press(key);
      const words = page.locator(".no-keys");
      // Comes when the loader has given up, so that nothing is asked for again below.
      await words.waitFor();
      expect(new URL(page.url()).pathname).toBe("/");
      await page.unrouteAll();
      await page.getByRole("button", { name: "Load the page anew" }).click();
      await words.waitFor({ state: "detached" });
      await page.locator("html[data-keys]").waitFor();
      await page.keyboard.press("?");
      await page.locator("dialog[open]").waitFor();
      await page.close();
    },
  );
});
