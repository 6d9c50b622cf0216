import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadProfile } from "../../cli/src/seed/load-profile.ts";
import { openBrowser } from "../support/browser.ts";
import { auditOpened, auditPortal, auditRoute, THEMES, VIEWPORTS } from "../support/portal-audit.ts";
import { connectSuperuser } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

/** Three minutes on two cores. */
const AUDIT_TIMEOUT_MS = 600_000;

let stack: Stack;
let browser: Browser;
let superuser: pg.Client;

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  superuser = await connectSuperuser(stack);
});

afterAll(async () => {
  await superuser?.query("alter role muster_portal login");
  await superuser?.end();
  await browser?.close();
});

/** Some routes in both themes, at the width of a phone. */
async function auditSome(routes: readonly string[], status: number): Promise<readonly string[]> {
  const page = await browser.newPage({ viewport: VIEWPORTS[0], reducedMotion: "reduce" });
  const found: string[] = [];
  for (const theme of THEMES) {
    for (const route of routes) {
      const address = { origin: stack.urls.portal, route, theme };
      found.push(...(await auditRoute(page, address, status, [VIEWPORTS[0]])));
    }
  }
  await page.close();
  return found;
}

describe.each(THEMES)("every route on %s", (theme) => {
  it("breaks no rule of axe and fits the window at every width", { timeout: AUDIT_TIMEOUT_MS }, async () => {
    expect(await auditPortal(browser, stack.urls.portal, theme)).toEqual([]);
  });

  it.each([VIEWPORTS[0], VIEWPORTS[2]])(
    "breaks none with its dialogs and menus open at $width px",
    async (viewport) => {
      expect(await auditOpened(browser, stack.urls.portal, theme, viewport)).toEqual([]);
    },
  );
});

describe("the colours of the other profile", () => {
  it("break no rule of axe, and are there", async () => {
    const file = join(stack.stateDir, "run", "portal", "profile.json");
    const before = readFileSync(file, "utf8");
    const { brand, theme } = loadProfile(join(stack.checkout, "profiles"), "analogelk").manifest;
    try {
      writeFileSync(file, JSON.stringify({ ...JSON.parse(before), brand, theme }));
      const html = await (await fetch(`${stack.urls.portal}/board`)).text();
      expect(html).toContain(theme.paper["pine"] ?? "a colour of its own");
      expect(html).toContain(brand.org);
      expect(await auditSome(["/", "/board", "/receipts/1", "/doctor"], 200)).toEqual([]);
    } finally {
      writeFileSync(file, before);
    }
  });
});

describe("the pages of an outage", () => {
  it("break no rule of axe", async () => {
    await (await fetch(`${stack.urls.portal}/board`)).text();
    await superuser.query("alter role muster_portal nologin");
    await superuser.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'muster_portal'");
    try {
      // The last reading, and the page that stands for one that was never read.
      expect(await auditSome(["/board", "/list?page=77"], 503)).toEqual([]);
    } finally {
      await superuser.query("alter role muster_portal login");
    }
    const back = async () => (await fetch(`${stack.urls.portal}/board`)).status;
    await expect.poll(back, { timeout: 30_000, interval: 500 }).toBe(200);
  });
});
