import type pg from "pg";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { connectSuperuser, type PortalBoard, portalBoard } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

const SECRET = "Zinnober private title nobody may read";

let stack: Stack;
let browser: Browser;
let board: PortalBoard;
let superuser: pg.Client;
let privateTask: string;
let privateNumber: number;
let proven: Proven;

/** A task that was proven long ago, and its receipt. */
interface Proven {
  readonly id: string;
  readonly task: number;
  readonly title: string;
  readonly receipt: number;
}

/** Opens a proven task again, lets an agent claim it, and leaves the claim without a heartbeat for two thirds of its lease. */
async function goColdAgain(): Promise<Proven> {
  const { rows } = await superuser.query<Proven>(
    `select t.id, t.number as task, t.title, r.number as receipt
     from muster_read.receipts r join muster_read.tasks t on t.id = r.task_id
     where r.origin = 'seed' and r.number > 1 and t.number <> 35 and t.status = 'done'
       and r.issued_at < now() - interval '1 hour'
     order by r.number desc limit 1`,
  );
  const [found] = rows;
  if (found === undefined) throw new Error("The seeded board has no proven task with a receipt.");
  const again = { status: "ready", status_reason: "It broke again.", required_capabilities: [], paths: [] };
  await board.write("PATCH", `os_tasks/${found.id}`, { ...again, max_attempts: 9, lease_seconds: 900 });
  await board.write("PATCH", `os_tasks/${found.id}`, { claim_session: "story" }, stack.secret("agent-a01"));
  await superuser.query(
    "update muster.leases set heartbeat_at = heartbeat_at - interval '600 s', expires_at = expires_at - interval '600 s' where task = $1",
    [found.id],
  );
  return found;
}

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  board = portalBoard(stack);
  superuser = await connectSuperuser(stack);
  proven = await goColdAgain();
  const hidden = await board.write("POST", "os_projects", { key: "zinnober", name: SECRET, visibility: "private" });
  const secret = await board.newTask(hidden.id, SECRET, { lease_seconds: 900 });
  privateTask = secret.id;
  privateNumber = secret.number;
  await board.write("PATCH", `os_tasks/${privateTask}`, { claim_session: "hiding" }, stack.secret("agent-a03"));
});

afterAll(async () => {
  await browser?.close();
  await superuser?.end();
  if (board !== undefined) await board.cancel([proven?.id, privateTask]);
});

/** Text of what has the focus; nothing while it is the whole page. */
const focused = (page: Page) =>
  page.evaluate("document.activeElement === document.body ? '' : (document.activeElement?.textContent ?? '')");

/** Presses a key until the focus is where it should be. It must never be lost on the way. */
async function pressUntil(page: Page, key: string, isThere: (page: Page) => Promise<boolean>): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press(key);
    const isLost = await page.evaluate("document.activeElement === null || document.activeElement === document.body");
    expect(isLost, `the focus is lost after ${presses + 1} times ${key}`).toBe(false);
    if (await isThere(page)) return;
  }
  throw new Error(`${key} does not lead there.`);
}
const hasFocus = async (page: Page, selector: string) =>
  (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) === true;

/** Follows the focused link. */
async function open(page: Page, address: (url: URL) => boolean): Promise<void> {
  await page.keyboard.press("Enter");
  await page.waitForURL(address);
  await page.locator("html[data-keys]").waitFor();
}

describe("a reader with a keyboard", () => {
  it("finds the cold claim, opens its receipt, copies the fix commit, looks ten minutes back, and comes home", async () => {
    const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
    const page = await context.newPage();
    await page.goto(`${stack.urls.portal}/`);
    await page.locator("html[data-keys]").waitFor();
    await page.locator(".fresh.is-live").waitFor();
    expect(await page.locator("main .claim.is-cold").filter({ hasText: proven.title }).count()).toBe(1);

    await pressUntil(page, ".", async () => String(await focused(page)).includes(proven.title));
    await open(page, ({ pathname }) => pathname === `/tasks/${proven.task}`);
    await pressUntil(page, "j", () => hasFocus(page, `.rail a[href="/receipts/${proven.receipt}"]`));
    await open(page, ({ pathname }) => pathname === `/receipts/${proven.receipt}`);
    expect(await page.locator("main").textContent()).toContain(proven.title);

    const commit = await page.locator("main [data-copy]").getAttribute("data-copy");
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    await page.keyboard.press("c");
    await page.locator("[role=status]", { hasText: "was copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(commit);

    await page.locator(".fresh.is-live").waitFor();
    const readAt = Date.parse((await page.locator("[data-live-read]").getAttribute("data-live-read")) ?? "");
    await page.keyboard.press("[");
    await page.waitForURL(({ searchParams }) => searchParams.has("at"));
    const at = Date.parse(new URL(page.url()).searchParams.get("at") ?? "");
    expect(Math.abs((readAt - at) / 1000 - 600)).toBeLessThanOrEqual(5);
    expect(await page.locator(".replay time").getAttribute("datetime")).toBe(new Date(at).toISOString());
    // Then it was proven, and nobody had opened it again; or the board itself is younger, and the page says that it was not there.
    const { rows } = await superuser.query<{ isOlder: boolean }>(
      `select min(at) <= $1 as "isOlder" from muster_read.events where entity = 'os_projects'`,
      [new Date(at)],
    );
    if (rows[0]?.isOlder === true) {
      expect(await page.locator("main").textContent()).toContain(proven.title);
      expect(await page.locator(".rail").textContent()).toContain("done");
    } else expect(await page.locator("main").textContent()).toContain("not have been there yet");

    await page.locator("html[data-keys]").waitFor();
    await pressUntil(page, "Tab", async () => (await focused(page)) === "Back to now");
    await open(page, ({ pathname, searchParams }) => pathname.startsWith("/receipts/") && !searchParams.has("at"));
    await page.locator(".fresh.is-live").waitFor();
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

  it("is in no event of the live plane, from the first one on, and holds no lease there", async () => {
    const { rows } = await superuser.query<{ cursor: string }>(
      `select muster.make_cursor(p.xid, p.id) as cursor from public.os_events p
       where (p.xid, p.id) < (select e.xid, e.id from public.os_events e where e.entity_id = $1 order by e.xid, e.id limit 1)
       order by p.xid desc, p.id desc limit 1`,
      [privateTask],
    );
    const after = rows[0]?.cursor ?? "";
    expect(after).not.toBe("");
    const polled = await (await fetch(`${stack.urls.portal}/api/changes?view=/&after=${after}`)).text();
    const { events, leases, cursor } = JSON.parse(polled);
    expect(polled).not.toContain(SECRET);
    expect(events).not.toBeNull();
    expect(cursor).not.toBe(after);
    const named = events.map(({ task }: { readonly task: number | null }) => task);
    expect(named).not.toContain(privateNumber);
    expect(leases.map(([task]: readonly [number]) => task)).not.toContain(privateNumber);
    expect(await firstWords(`/api/stream?view=/&after=${after}`)).not.toContain(SECRET);
  });

  it("is not there for those who ask for it by number, nor is its trail", async () => {
    expect((await fetch(`${stack.urls.portal}/tasks/${privateNumber}`)).status).toBe(404);
    const log = await (await fetch(`${stack.urls.portal}/events?task=${privateNumber}`)).text();
    expect(log).not.toContain(SECRET);
    expect(log).not.toContain(`/tasks/${privateNumber}`);
    expect(await (await fetch(`${stack.urls.portal}/claims`)).text()).not.toContain(`/tasks/${privateNumber}`);
  });
});

/** What the stream says until it has sent the view. */
async function firstWords(path: string): Promise<string> {
  const response = await fetch(`${stack.urls.portal}${path}`);
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const from = text.indexOf("event: view");
    if (from >= 0 && text.includes("\n\n", from)) break;
  }
  return text;
}

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
