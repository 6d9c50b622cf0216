/** The portal on a wall, on paper, on a narrow screen, in colours of the reader's own, and with a part of it missing. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openBrowser } from "../support/browser.ts";
import { type BoardTask, type PortalBoard, portalBoard } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

const VIEWS = ["/", "/board", "/timeline?range=all", "/graph?scope=all", "/receipts/1"] as const;
/** A4 at 96 dpi without its margins. */
const SHEET = { width: 718, height: 1_047 };
/** 1,280 px at 400 %. */
const NARROW = { width: 320, height: 256 };

let stack: Stack;
let browser: Browser;
let board: PortalBoard;
let task: string | undefined;
let held: BoardTask | undefined;

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  board = portalBoard(stack);
});

afterAll(async () => {
  await browser?.close();
  if (board !== undefined) await board.cancel([task, held?.id]);
});

/** Which of these can be seen. */
const shown = (page: Page, selectors: readonly string[]): Promise<readonly string[]> =>
  page.evaluate(
    `${JSON.stringify(selectors)}.filter((css) => [...document.querySelectorAll(css)].some((e) => e.checkVisibility()))`,
  );

describe("the wall", () => {
  it("has no menu, filter or foot, and is live", async () => {
    const page = await browser.newPage();
    await page.goto(`${stack.urls.portal}/board?kiosk=1`);
    await page.locator(".fresh.is-live").waitFor();
    expect(await shown(page, [".nav", ".menu", ".facets", ".tabs", ".foot", ".skip"])).toEqual([]);
    expect(await shown(page, ["main .kan"])).toEqual(["main .kan"]);
    task = (await board.newTask(await board.publicProject(), "Seen on the wall")).id;
    await page.getByText("Seen on the wall").waitFor();
    await page.close();
  });
});

describe("paper", () => {
  it.each(VIEWS)("holds %s whole, without what can only be pressed", async (path) => {
    const page = await browser.newPage({ viewport: SHEET });
    await page.goto(`${stack.urls.portal}${path}`);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    expect(await shown(page, [".nav", ".tools", ".facets", ".tabs", ".search", ".foot-nav", ".replay form"])).toEqual(
      [],
    );
    expect(await page.locator("main h1").isVisible()).toBe(true);
    expect(await page.evaluate("getComputedStyle(document.documentElement).colorScheme")).toBe("light");
    const cut = await page.evaluate(
      "[...document.querySelectorAll('main .tl-scroll, main .dag-scroll, main svg.tl, main svg.dag, main .kan, main .walk')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.getAttribute('class'))",
    );
    expect(cut).toEqual([]);
    await page.close();
  });
});

describe("colours of the reader's own", () => {
  it.each(["/", "/board", "/timeline?range=all"])("leave a word or a sign for each state at %s", async (path) => {
    const page = await browser.newPage({ forcedColors: "active" });
    await page.goto(`${stack.urls.portal}${path}`);
    const bare = await page.evaluate(
      "[...document.querySelectorAll('main [class*=\"st-\"]')].filter((e) => e.checkVisibility() && e.textContent.trim() === '' && e.querySelector('use, path') === null && !e.matches('use')).length",
    );
    expect(bare).toBe(0);
    // What is drawn must stand off its ground where only the system's colours are left.
    const lost = await page.evaluate(`(() => {
      const ground = getComputedStyle(document.body).backgroundColor;
      return [...document.querySelectorAll('main h1, main a, main .m')].filter((e) => e.checkVisibility() && getComputedStyle(e).color === ground).length;
    })()`);
    expect(lost).toBe(0);
    await page.close();
  });
});

describe("letters", () => {
  it.each([...VIEWS, "/costs", "/agents"])("at %s are never smaller than the smallest of the sheet", async (path) => {
    const page = await browser.newPage();
    await page.goto(`${stack.urls.portal}${path}`);
    const sizes = await page.evaluate(`[...document.querySelectorAll("body *")]
      .filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.nodeValue.trim() !== ""))
      .map((e) => parseFloat(getComputedStyle(e).fontSize))`);
    expect(Math.min(...z.array(z.number()).parse(sizes))).toBeGreaterThanOrEqual(12);
    await page.close();
  });
});

describe("cards that are held, cool and are reviewed at once", () => {
  it("stay inside of their columns in a small window", async () => {
    const page = await browser.newPage({ viewport: { width: 1_000, height: 800 } });
    await page.goto(`${stack.urls.portal}/board`);
    // As they stand when several things are to be said of them.
    await page.evaluate(`for (const line of document.querySelectorAll(".k-l")) line.prepend("cooling")`);
    const wide = await page.evaluate(
      "[...document.querySelectorAll('.kan .col')].filter((c) => c.scrollWidth > c.clientWidth + 1).length",
    );
    expect(await page.locator(".k-l").count()).toBeGreaterThan(0);
    expect(wide).toBe(0);
    await page.close();
  });
});

describe("a heading", () => {
  it.each([...VIEWS, "/board?lanes=agent", "/help"])("at %s has no room but what the sheet gives it", async (path) => {
    const page = await browser.newPage();
    await page.goto(`${stack.urls.portal}${path}`);
    const own = await page.evaluate(
      "[...document.querySelectorAll(':is(h1, h2, h3, h4)')].filter((h) => parseFloat(getComputedStyle(h).marginTop) > 0).map((h) => h.textContent)",
    );
    expect(own).toEqual([]);
    await page.close();
  });
});

describe("a page at 400 %", () => {
  it.each(VIEWS)("of %s scrolls in one direction only", async (path) => {
    const page = await browser.newPage({ viewport: NARROW });
    await page.goto(`${stack.urls.portal}${path}`);
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    expect(await page.locator("main h1").isVisible()).toBe(true);
    await page.close();
  });
});

describe("the timeline in a narrow window", () => {
  it("opens with now at two thirds, however long the leases are that lie to its right, with scripts and without", async () => {
    held = await board.newTask(await board.publicProject(), "Held for an hour", { lease_seconds: 3_600 });
    await board.write("PATCH", `os_tasks/${held.id}`, { claim_session: "narrow" }, stack.secret("agent-a03"));
    for (const javaScriptEnabled of [true, false]) {
      const context = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled });
      const page = await context.newPage();
      await page.goto(`${stack.urls.portal}/timeline?range=1h`);
      const place = await page.evaluate(`(() => {
        const window = document.querySelector(".tl-scroll").getBoundingClientRect();
        return (document.querySelector(".t-now").getBoundingClientRect().left - window.left) / window.width;
      })()`);
      expect(place).toBeGreaterThan(0.6);
      expect(place).toBeLessThan(0.75);
      await context.close();
    }
  });
});

describe("a reader who wants no motion", () => {
  it.each(["/board", "/timeline", "/claims"])("sees none at %s", async (path) => {
    const page = await browser.newPage({ reducedMotion: "reduce" });
    await page.goto(`${stack.urls.portal}${path}`);
    await page.locator(".fresh.is-live").waitFor();
    const moving = await page.evaluate(
      "document.getAnimations().filter((a) => a.playState === 'running' && Number(a.effect.getComputedTiming().duration) > 1).length",
    );
    expect(moving).toBe(0);
    await page.close();
  });
});

/** Its owner and mode stay what they were: doctor looks at them. */
function restore(file: string, harm: string, before: Buffer): void {
  if (harm === "missing") renameSync(`${file}.away`, file);
  else writeFileSync(file, before);
}

describe("a page of which a file is missing or spoiled", () => {
  it.each(["missing", "spoiled"])("says that nobody asked doctor when the report is %s", async (harm) => {
    const file = join(stack.stateDir, "data", "doctor.json");
    const before = readFileSync(file);
    try {
      if (harm === "missing") renameSync(file, `${file}.away`);
      else writeFileSync(file, '{"schema":"muster.doctor-report/1","checks":');
      for (const path of ["/doctor", "/"]) {
        const response = await fetch(`${stack.urls.portal}${path}`);
        expect(response.status, path).toBe(200);
        expect(await response.text(), path).toMatch(/Nobody has asked doctor yet|no report/);
      }
    } finally {
      restore(file, harm, before);
    }
    expect(await (await fetch(`${stack.urls.portal}/doctor`)).text()).not.toContain("Nobody has asked doctor yet");
  });

  it.each(["missing", "spoiled"])(
    "shows the whole board under no profile's name when the profile is %s",
    async (harm) => {
      const file = join(stack.stateDir, "run", "portal", "profile.json");
      const before = readFileSync(file);
      try {
        if (harm === "missing") renameSync(file, `${file}.away`);
        else writeFileSync(file, '{"name":');
        const response = await fetch(`${stack.urls.portal}/board`);
        const html = await response.text();
        expect(response.status).toBe(200);
        expect(html).toContain("no profile");
        expect(html).toMatch(/class="kan"/);
      } finally {
        restore(file, harm, before);
      }
      expect(await (await fetch(`${stack.urls.portal}/board`)).text()).not.toContain(">no profile<");
    },
  );
});
