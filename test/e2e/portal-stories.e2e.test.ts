import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { type PortalBoard, portalBoard } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

const LEASE_SECONDS = 30;
const TITLE = "A claim that goes cold in front of the reader";
const SECRET = "Zinnober private title nobody may read";

let stack: Stack;
let browser: Browser;
let board: PortalBoard;
let task: string;
let privateTask: string;

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  board = portalBoard(stack);
  task = (await board.newTask(await board.publicProject(), TITLE, { lease_seconds: LEASE_SECONDS })).id;
  await board.write("PATCH", `os_tasks/${task}`, { claim_session: "story" }, stack.secret("agent-a01"));
  const hidden = await board.write("POST", "os_projects", { key: "zinnober", name: SECRET, visibility: "private" });
  privateTask = (await board.newTask(hidden.id, SECRET)).id;
});

afterAll(async () => {
  await browser?.close();
  if (board !== undefined) await board.cancel([task, privateTask]);
});

/** Text of what has the focus; nothing while it is the whole page. */
const focused = (page: Page) =>
  page.evaluate("document.activeElement === document.body ? '' : (document.activeElement?.textContent ?? '')");

describe("a reader with a keyboard", () => {
  it("finds the cold claim, opens it, opens a receipt, and copies its fix commit", async () => {
    const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
    const page = await context.newPage();
    await page.goto(`${stack.urls.portal}/claims`);
    const row = page.locator("main .is-cold, main .is-expired").filter({ hasText: TITLE }).first();
    await row.waitFor({ timeout: LEASE_SECONDS * 1000 });
    await page.locator("html[data-keys]").waitFor();
    for (let presses = 0; presses < 30 && !String(await focused(page)).includes(TITLE); presses += 1) {
      await page.keyboard.press(".");
    }
    expect(await focused(page)).toContain(TITLE);
    await page.keyboard.press("Enter");
    await page.locator("h1", { hasText: TITLE }).waitFor();
    await page.locator("html[data-keys]").waitFor();

    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.waitForURL(/\/receipts$/);
    await page.locator("html[data-keys]").waitFor();
    await page.locator("main .rcp a").first().waitFor();
    await page.keyboard.press("j");
    expect(await focused(page)).not.toBe("");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/receipts\/\d+$/);
    const commit = await page.locator("[data-copy]").getAttribute("data-copy");
    await page.locator("html[data-keys]").waitFor();
    await page.keyboard.press("c");
    await page.locator("[role=status]", { hasText: "was copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(commit);
    await context.close();
  });

  it("opens a task by its number from the menu, and closes the sheet of keys with Esc", async () => {
    const page = await browser.newPage();
    await page.goto(`${stack.urls.portal}/`);
    await page.locator("html[data-keys]").waitFor();
    await page.keyboard.press("?");
    await page.locator("dialog[open] h2", { hasText: "Keys" }).waitFor();
    // One key right after the other: the sheet that closes has the focus still when the next key comes.
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    await page.locator("dialog[open] [role=combobox]").fill("#1");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/tasks\/1$/);
    await page.close();
  });
});

const ROUTES = [
  "/",
  "/board",
  "/list",
  "/list?q=Zinnober",
  "/list.csv",
  "/list.json",
  "/graph?scope=all",
  "/timeline?range=all",
  "/events",
  "/receipts",
  "/phases",
  "/releases",
  "/agents",
  "/claims",
  "/costs",
  "/doctor",
  "/memory?q=Zinnober+private+title",
  "/feed.xml",
  "/receipts/feed.atom",
  "/events/feed.xml",
  "/events/feed.atom",
  "/badge.svg",
  "/embed",
  "/api/snapshot",
];

describe("a private project", () => {
  it.each(ROUTES)("shows nothing of itself at %s", async (route) => {
    const response = await fetch(`${stack.urls.portal}${route}`);
    const text = (await response.text())
      .replaceAll("+", " ")
      .replaceAll(/q=[^"&]*/g, "")
      .replaceAll(/“[^”]*”/g, "");
    expect(response.status).toBe(200);
    expect(text).not.toContain(SECRET);
  });
});

describe("the pages of a reader without scripts", () => {
  it.each(["/", "/board", "/list", "/timeline", "/graph", "/receipts/1", "/tasks/35"])(
    "says all of %s",
    async (route) => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(`${stack.urls.portal}${route}`);
      expect(await page.locator("main h1").count()).toBe(1);
      expect(((await page.locator("main").textContent()) ?? "").length).toBeGreaterThan(200);
      await context.close();
    },
  );
});
