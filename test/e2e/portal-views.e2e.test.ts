/** Each view shows what the database holds, to a reader without scripts. */
import type pg from "pg";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PLACES } from "../../portal/view/places.ts";
import { openBrowser } from "../support/browser.ts";
import { PRELUDE, VIEW_FACTS, type ViewFacts } from "../support/portal-facts.ts";
import { connectSuperuser } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

/** The board may move while a page is read: then both are read again. */
const TRIES = 10;

let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let database: pg.Client;

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  context = await browser.newContext({ javaScriptEnabled: false });
  page = await context.newPage();
  database = await connectSuperuser(stack);
});

afterAll(async () => {
  await database?.end();
  await browser?.close();
});

async function pathOf({ path }: ViewFacts): Promise<string> {
  if (path.startsWith("/")) return path;
  const { rows } = await database.query<{ path: string }>(path);
  const found = rows[0]?.path;
  if (found === undefined) throw new Error("The board has no row for a view's own page.");
  return found;
}

async function factsOf({ sql }: ViewFacts, path: string): Promise<unknown> {
  if (sql === undefined) return null;
  const { rows } = await database.query<{ facts: unknown }>(sql, sql.includes("$1") ? [path.split("/").at(-1)] : []);
  return rows[0]?.facts;
}

/** What the page shows, and what the database held before and after it was read. */
async function readBoth(view: ViewFacts): Promise<{ readonly seen: unknown; readonly facts: unknown }> {
  const path = await pathOf(view);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const facts = await factsOf(view, path);
    const response = await page.goto(`${stack.urls.portal}${path}`);
    expect(response?.status(), path).toBe(200);
    const seen: unknown = await page.evaluate(`(() => { ${PRELUDE} return (${view.seen}); })()`);
    if (JSON.stringify(facts) === JSON.stringify(await factsOf(view, path))) return { seen, facts };
  }
  throw new Error(`The board moved ${TRIES} times while ${path} was read.`);
}

describe("what the board holds", () => {
  it("has a test of its page for every place of the portal", () => {
    const tested = new Set(VIEW_FACTS.map(({ path }) => path.split("?")[0]));
    expect(PLACES.filter(({ path }) => !tested.has(path))).toEqual([]);
  });

  it.each(VIEW_FACTS.map((view) => [view.path.startsWith("/") ? view.path : "a task's own page", view] as const))(
    "stands on %s",
    async (_name, view) => {
      const { seen, facts } = await readBoth(view);
      expect(seen).toEqual(view.expected(facts as never));
    },
  );
});

describe("the title of a page", () => {
  it.each([
    ["/tasks/35", "select '#35 ' || title as title from muster_read.tasks where number = 35"],
    ["/receipts/1", "select ref || ' ' || title as title from muster_read.receipts where number = 1"],
  ])("of %s says which one it is, in a tab and to whoever is sent its address", async (path, sql) => {
    await page.goto(`${stack.urls.portal}${path}`);
    const { rows } = await database.query<{ title: string }>(sql);
    const title = rows[0]?.title ?? "no such row";
    expect((await page.title()).startsWith(`${title} · `)).toBe(true);
    expect(await page.locator("title").count()).toBe(1);
    const description = await page.locator('meta[name="description"]').getAttribute("content");
    expect(description).toContain(title.slice(title.indexOf(" ") + 1));
  });
});

describe("a passage of the board that a search finds", () => {
  it("leads to its task", async () => {
    const { rows } = await database.query<{ title: string }>("select title from muster_read.tasks where number = 35");
    await page.goto(`${stack.urls.portal}/memory?q=${encodeURIComponent(rows[0]?.title ?? "")}`);
    const passage = page.locator(".hits > li", { has: page.locator(".cite", { hasText: "board/tasks/35" }) }).first();
    await passage.locator("h3 a").click();
    await page.waitForURL("**/tasks/35");
    expect(await page.locator(".hits > li").count()).toBe(0);
  });
});

describe("an address inside a page", () => {
  it.each([
    ["/agents", "agent-"],
    ["/phases", "phase-"],
    ["a task's own page", "epoch-"],
    ["a task's own page", "verdict-"],
    ["a task's own page", "note-"],
  ])("of %s that begins with %s leads to its row", async (name, prefix) => {
    await page.goto(`${stack.urls.portal}${name.startsWith("/") ? name : await taskWith(prefix)}`);
    const link = page.locator(`main a[href^="#${prefix}"]`).last();
    const anchor = await link.getAttribute("href");
    await link.click();
    // A click does not wait for an address that only changes its fragment.
    await page.waitForURL((url) => url.hash === anchor);
    expect(await page.locator(`main [id^="${prefix}"]:target`).count()).toBe(1);
  });

  it("of a claim leads from the list of claims to that epoch of its task", async () => {
    await page.goto(`${stack.urls.portal}/claims`);
    const row = page.locator("#ended tbody tr").last();
    const [, task, epoch] = /^claim-(\d+)-(\d+)$/.exec((await row.getAttribute("id")) ?? "") ?? [];
    await row.locator("td.r a").first().click();
    await page.waitForURL(new RegExp(`/tasks/${task}#epoch-${epoch}$`));
    expect(await page.locator(`.ep > li#epoch-${epoch}:target`).count()).toBe(1);
  });

  it("is on no page twice", async () => {
    for (const path of ["/agents", "/claims", "/timeline?range=all", "/phases", await taskWith("verdict-")]) {
      await page.goto(`${stack.urls.portal}${path}`);
      const twice = await page.evaluate(
        "[...document.querySelectorAll('[id]')].map(({ id }) => id).filter((id, at, all) => all.indexOf(id) !== at)",
      );
      expect(twice, path).toEqual([]);
    }
  });
});

/** A task that has what such an address names. */
async function taskWith(prefix: string): Promise<string> {
  const views: Readonly<Record<string, string>> = {
    "epoch-": "claims",
    "verdict-": "verifications",
    "note-": "notes",
  };
  const { rows } = await database.query<{ task: number }>(
    `select task from muster_read.${views[prefix]} order by task limit 1`,
  );
  return `/tasks/${rows[0]?.task}`;
}
