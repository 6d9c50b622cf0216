import type pg from "pg";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { startLine } from "../support/line.ts";
import { type BoardTask, connectSuperuser, type PortalBoard, portalBoard } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;
let board: PortalBoard;
let superuser: pg.Client;
let project: string;
const tasks: BoardTask[] = [];

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  board = portalBoard(stack);
  superuser = await connectSuperuser(stack);
  project = await board.publicProject();
});

afterAll(async () => {
  await superuser?.query("alter role muster_portal login");
  await superuser?.end();
  await browser?.close();
  if (board !== undefined) await board.cancel(tasks.map(({ id }) => id));
});

const open = async (path: string, origin = stack.urls.portal): Promise<Page> => {
  const page = await browser.newPage();
  await page.goto(`${origin}${path}`);
  await page.locator(".fresh.is-live").waitFor();
  return page;
};

const newestEvent = async () => {
  const { rows } = await superuser.query<{ id: string }>("select max(e.id) as id from muster_read.events e");
  return Number(rows[0]?.id);
};

const happen = async (title: string) => {
  tasks.push(await board.newTask(project, title));
};

describe("a page that is open", () => {
  it("shows what happens without a reload, stands still while it is paused, and then catches up", async () => {
    const page = await open("/board");
    await page.evaluate("globalThis.mark = 1");
    await happen("Seen as it happens");
    await page.getByText("Seen as it happens").waitFor();
    await page.locator("html[data-keys]").waitFor();
    await page.keyboard.press("p");
    await page.locator(".fresh.is-paused").waitFor();
    await happen("Held back by the pause");
    await page.locator(".fresh .seq", { hasText: "new" }).waitFor();
    expect(await page.getByText("Held back by the pause").count()).toBe(0);
    await page.keyboard.press("p");
    await page.getByText("Held back by the pause").waitFor();
    expect(await page.evaluate("globalThis.mark")).toBe(1);
    await page.close();
  });

  it("takes on another filter in place, with its address, title and history, stays live, and leaves another view to the browser", async () => {
    const page = await open("/board");
    const isLoaded = () => page.evaluate("globalThis.mark === undefined");
    await page.evaluate("globalThis.mark = 1");
    await page.locator(".facets summary", { hasText: "Priority" }).click();
    await page.locator('.facets details[open] a[href="/board?priority=P1"]').click();
    await page.waitForURL("**/board?priority=P1");
    await page.locator(".facets summary.is-on", { hasText: "P1" }).waitFor();
    expect(await page.locator(".facets details[open]").count()).toBe(0);
    expect(await isLoaded()).toBe(false);
    // Live under the new address: a task of that priority comes, one of another does not.
    await page.locator(".fresh.is-live").waitFor();
    tasks.push(await board.newTask(project, "Came under the filter", { priority: "P1" }));
    await page.getByText("Came under the filter").waitFor();
    await happen("Is of another priority");
    await page.goBack();
    await page.waitForURL("**/board");
    await page.getByText("Is of another priority").waitFor();
    await page.goForward();
    await page.waitForURL("**/board?priority=P1");
    await page.getByText("Is of another priority").waitFor({ state: "detached" });
    expect(await isLoaded()).toBe(false);
    const fresh = await open("/board?priority=P1");
    expect(await page.title()).toBe(await fresh.title());
    expect(await page.locator("main .card").count()).toBe(await fresh.locator("main .card").count());
    await fresh.close();
    await page.goto(`${stack.urls.portal}/list`);
    await page.evaluate("globalThis.mark = 1");
    await page.locator("#list-words").fill("Came under");
    await page.locator("#list-words").press("Enter");
    await page.waitForURL("**/list?*q=Came+under*");
    await page.locator("main .task-rows tbody tr", { hasText: "Came under the filter" }).waitFor();
    expect(await isLoaded()).toBe(false);
    await page.locator('nav a[href="/board"]').first().click();
    await page.waitForURL("**/board");
    expect(await isLoaded()).toBe(true);
    await page.close();
  });

  it("says offline when the portal is away, keeps what it shows without an ember, and makes up for what it missed", async () => {
    const line = await startLine(stack.ports.portal);
    const page = await open("/board", line.url);
    await page.evaluate("globalThis.mark = 1");
    line.cut();
    await page.locator(".fresh.is-offline").waitFor();
    expect(await page.locator(".ember.is-fresh, .ember.is-cooling").count()).toBe(0);
    expect(await page.locator("main h1").count()).toBe(1);
    expect(await page.evaluate("document.body.innerText")).not.toMatch(/refresh|reload/i);
    const title = "Happened while the line was cut";
    await happen(title);
    expect(await page.getByText(title).count()).toBe(0);
    line.mend();
    await page.locator(".fresh.is-live").waitFor();
    await page.getByText(title).waitFor();
    // The pill counts what the stream itself told: one that resumed from now on would never hear of the event that it missed.
    const counted = async () =>
      Number(((await page.locator(".fresh .seq").first().textContent()) ?? "").replaceAll(/\D/g, ""));
    await expect.poll(async () => (await counted()) - (await newestEvent()), { timeout: 10_000 }).toBe(0);
    expect(await page.evaluate("globalThis.mark")).toBe(1);
    await page.close();
    await line.stop();
  });

  it("moves nothing for a reader who wants no motion, and prints its content alone", async () => {
    const page = await browser.newPage({ reducedMotion: "reduce" });
    await page.goto(`${stack.urls.portal}/`);
    await page.locator(".fresh.is-live").waitFor();
    await happen("Without motion");
    await page.getByText("Without motion").first().waitFor();
    expect(
      await page.evaluate(
        "document.getAnimations().filter((a) => a.playState === 'running' && Number(a.effect.getComputedTiming().duration) > 50).length",
      ),
    ).toBe(0);
    await page.emulateMedia({ media: "print" });
    for (const hidden of [".nav", ".tools", ".foot-nav"]) expect(await page.locator(hidden).isVisible()).toBe(false);
    expect(await page.locator("main h1").isVisible()).toBe(true);
    await page.close();
  });
});

describe("while the board cannot be read", () => {
  it("shows the last reading with its time and no ember, says so with 503, and goes on by itself", async () => {
    const page = await open("/board");
    await page.evaluate("globalThis.mark = 1");
    await (await fetch(`${stack.urls.portal}/board`)).text();
    await superuser.query("alter role muster_portal nologin");
    await superuser.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'muster_portal'");
    try {
      await page.locator(".fresh.is-database_down").waitFor();
      expect(await page.locator(".ember.is-fresh, .ember.is-cooling").count()).toBe(0);
      const known = await fetch(`${stack.urls.portal}/board?theme=console`);
      const html = await known.text();
      expect([known.status, known.headers.get("retry-after")]).toEqual([503, "10"]);
      expect(html).toContain("This is the last reading");
      const readAt = /data-live-read="([^"]+)"/.exec(html)?.[1];
      expect(readAt).toBeDefined();
      expect(html.toLowerCase()).toContain(`datetime="${readAt?.toLowerCase()}"`);
      expect(html).toContain("Seen as it happens");
      expect(html).not.toMatch(/class="ember is-(fresh|cooling)/);
      const unknown = await fetch(`${stack.urls.portal}/list?q=never-asked-before`);
      expect(unknown.status).toBe(503);
      expect(await unknown.text()).toContain("The database refuses the portal");
      const late = await browser.newPage();
      await late.goto(`${stack.urls.portal}/board`);
      // The pill says it, too, to those who do not see it.
      const bar = late.getByRole("complementary", { name: "Outage" }).getByText("This is the last reading");
      await bar.waitFor();
      await superuser.query("alter role muster_portal login");
      await late.locator(".fresh.is-live").waitFor();
      await bar.waitFor({ state: "detached" });
      await late.close();
    } finally {
      await superuser.query("alter role muster_portal login");
    }
    await page.locator(".fresh.is-live").waitFor();
    expect(await page.evaluate("globalThis.mark")).toBe(1);
    await page.close();
  });
});

describe("a page without rows", () => {
  it.each([
    ["/board?agent=nobody", 200, "No task matches these filters."],
    ["/list?q=nothing-has-this-word", 200, "nothing-has-this-word"],
    ["/tasks/999999", 404, "There is no such page, task or receipt."],
    ["/receipts/999999", 404, "There is no such page, task or receipt."],
    ["/no-such-view", 404, "There is no such page, task or receipt."],
    ["/memory?q=zzzzqqqqxxxx", 200, "zzzzqqqqxxxx"],
  ])("says at %s what is so and what comes next", async (path, status, words) => {
    const response = await fetch(`${stack.urls.portal}${path}`);
    expect(response.status).toBe(status);
    const html = await response.text();
    expect(html).toContain(words);
    expect(html).toMatch(/<main[\s\S]*<a /);
  });
});

describe("replay by keyboard", () => {
  it("goes ten minutes back with [, event by event from there, and home again", async () => {
    const page = await open("/board");
    await page.locator("html[data-keys]").waitFor();
    await page.keyboard.press("[");
    await page.waitForURL(/at=/);
    await page.getByText("You are looking at").waitFor();
    const first = page.url();
    expect(Math.abs(Date.now() - Date.parse(new URL(first).searchParams.get("at") ?? "") - 600_000)).toBeLessThan(
      60_000,
    );
    await page.locator("html[data-keys]").waitFor();
    await page.keyboard.press("[");
    await page.waitForURL((url) => url.href !== first);
    expect(await page.locator(".fresh").count()).toBe(0);
    await page.locator("html[data-keys]").waitFor();
    await page.getByText("Back to now").press("Enter");
    await page.locator(".fresh.is-live").waitFor();
    await page.close();
  });

  it("moves the slider to the second before with an arrow, and shows that second with Enter", async () => {
    const page = await browser.newPage();
    const second = Math.floor(Date.now() / 1000) - 600;
    await page.goto(`${stack.urls.portal}/board?at=${second}`);
    await page.locator("html[data-keys]").waitFor();
    const slider = page.locator(".replay input[type=range]");
    expect(await slider.inputValue()).toBe(String(second));
    const hasFocus = () => page.evaluate("document.activeElement?.matches('.replay input[type=range]') ?? false");
    for (let presses = 0; presses < 60 && !(await hasFocus()); presses += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowLeft");
    expect(await slider.inputValue()).toBe(String(second - 1));
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.searchParams.get("at") === String(second - 1));
    const shown = await page.locator(".replay time").getAttribute("datetime");
    expect(shown).toBe(new Date((second - 1) * 1000).toISOString());
    await page.close();
  });
});
