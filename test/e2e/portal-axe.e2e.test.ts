import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { auditPortal, THEMES, VIEWPORTS } from "../support/portal-audit.ts";
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

describe.each(THEMES)("every route on %s", (theme) => {
  it.each(VIEWPORTS)("breaks no rule of axe and fits the window at $width px", async (viewport) => {
    expect(await auditPortal(browser, stack.urls.portal, theme, viewport)).toEqual([]);
  });
});
