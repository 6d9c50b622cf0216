import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { pidOf, withSuperuser } from "../support/doctor.ts";
import { startLine } from "../support/line.ts";
import { type BoardTask, type PortalBoard, portalBoard, writeManyNotes } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

/** What a page may show for as long as it has fresh evidence; the tips of the timeline carry the same classes. */
const GLOWING = ".ember:is(.is-fresh, .is-cooling) .e-core:visible";
/** Stale is said within 35 s, polling begins within 45: a page is given a minute for either. */
const PATIENT = { timeout: 60_000 };

let stack: Stack;
let browser: Browser;
let board: PortalBoard;
let project: string;
let held: BoardTask;
const tasks: BoardTask[] = [];

const newTask = async (title: string): Promise<BoardTask> => {
  const task = await board.newTask(project, title, { lease_seconds: 3_600 });
  tasks.push(task);
  return task;
};

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  board = portalBoard(stack);
  project = await board.publicProject();
  held = await newTask("Held while the line goes silent");
  await board.write("PATCH", `os_tasks/${held.id}`, { claim_session: "live" }, stack.secret("agent-a03"));
});

afterAll(async () => {
  await browser?.close();
  if (board !== undefined) await board.cancel(tasks.map(({ id }) => id));
});

async function open(path: string, origin = stack.urls.portal): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${origin}${path}`);
  await page.evaluate("globalThis.mark = 1");
  return page;
}

const isSamePage = async (page: Page) => expect(await page.evaluate("globalThis.mark")).toBe(1);

describe("what a page shows", () => {
  it("is sent once: no task's title is among the data for scripts", async () => {
    for (const path of ["/board", "/list", "/claims"]) {
      const html = await (await fetch(`${stack.urls.portal}${path}`)).text();
      const scripts = [...html.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map(([, text]) => text).join("");
      expect(html, path).toContain("Held while the line goes silent");
      expect(scripts, path).not.toContain("Held while the line goes silent");
    }
  });

  it("stays when React finds something changed before it woke, and makes the page anew", async () => {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("pageerror", ({ message }) => faults.push(message));
    await page.addInitScript(() => {
      document.addEventListener("readystatechange", () => {
        const word = document.querySelector(".fresh summary b");
        if (word !== null) word.textContent = "changed by somebody else";
      });
    });
    await page.goto(`${stack.urls.portal}/claims`);
    await page.locator(".fresh.is-live").waitFor();
    expect(faults.join("\n")).toContain("#418");
    await page.locator("main", { hasText: "Held while the line goes silent" }).waitFor();
    await page.close();
  });
});

// Each waits most of a minute for what shall not come, so they wait together.
describe.concurrent("a page that hears nothing", () => {
  it.for(["/timeline", "/claims"])(
    "at %s is stale when the line is silent, shows no ember, and is live again by itself",
    async (path, { expect }) => {
      const line = await startLine(stack.ports.portal);
      const page = await open(path, line.url);
      await page.locator(".fresh.is-live").waitFor();
      await page.locator(GLOWING).first().waitFor();
      line.hush();
      await page.locator(".fresh.is-stale").waitFor(PATIENT);
      expect(await page.locator(GLOWING).count()).toBe(0);
      expect(await page.evaluate("document.body.innerText")).not.toMatch(/refresh|reload/i);
      line.mend();
      await page.locator(".fresh.is-live").waitFor(PATIENT);
      await page.locator(GLOWING).first().waitFor();
      await isSamePage(page);
      await page.close();
      await line.stop();
    },
  );

  it("is live by polling behind a proxy that holds the stream back", async () => {
    const line = await startLine(stack.ports.portal);
    line.holdStreams();
    const page = await open("/board", line.url);
    await page.locator(".fresh.is-live").waitFor(PATIENT);
    await newTask("Seen by polling");
    await page.getByText("Seen by polling").waitFor();
    await isSamePage(page);
    await page.close();
    await line.stop();
  });

  it("goes dark within a minute or two without a script", async ({ expect }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${stack.urls.portal}/claims`);
    const core = page.locator(GLOWING).first();
    await core.waitFor();
    await expect
      .poll(() => core.evaluate((element) => getComputedStyle(element).opacity), { timeout: 90_000, interval: 1_000 })
      .toBe("0");
    await context.close();
  });
});

describe("a page for which there is no room", () => {
  it("does not say live, and becomes so when others have left", async () => {
    const controller = new AbortController();
    const crowd = await Promise.all(
      Array.from({ length: 64 }, (_, at) =>
        fetch(`${stack.urls.portal}/api/stream?view=${encodeURIComponent(`/list?q=crowd-${at}`)}`, {
          signal: controller.signal,
        }),
      ),
    );
    expect(crowd.map(({ status }) => status)).toEqual(Array.from({ length: 64 }, () => 200));
    const page = await open(`/tasks/${held.number}`);
    // Before its script runs a page stands still, too: only the stream's word is meant here.
    await page.locator("html[data-stream=still]").waitFor();
    expect(await page.locator(GLOWING).count()).toBe(0);
    const now = await open("/");
    await now.locator(".fresh.is-live").waitFor();
    controller.abort();
    await page.locator(".fresh.is-live").waitFor(PATIENT);
    await isSamePage(page);
    await Promise.all([page.close(), now.close()]);
  });
});

describe("a page on a board where more happens than can be read at once", () => {
  it("says that it is catching up, and then that it is live", async () => {
    const page = await open("/");
    await page.locator(".fresh.is-live").waitFor();
    await page.evaluate(
      "globalThis.phases = []; new MutationObserver(() => phases.push(document.documentElement.dataset.stream)).observe(document.documentElement, { attributeFilter: ['data-stream'] })",
    );
    await withSuperuser(stack, (client) => writeManyNotes(client, held.id, 1_200));
    await expect.poll(() => page.evaluate("globalThis.phases"), { timeout: 30_000 }).toContain("catching_up");
    await page.locator(".fresh.is-live").waitFor();
    expect(await page.evaluate("globalThis.phases.at(-1)")).toBe("live");
    await isSamePage(page);
    await page.close();
  });
});

describe("a page of which one part cannot be had", () => {
  it("says that search does not answer, and shows everything else", async () => {
    const pid = await pidOf(stack, "rag");
    process.kill(pid, "SIGSTOP");
    try {
      const response = await fetch(`${stack.urls.portal}/memory?q=port`);
      const html = await response.text();
      expect(response.status).toBe(200);
      expect(html).toContain("Search does not answer.");
      expect(html).toMatch(/<nav[\s\S]*Board[\s\S]*<main/);
      const page = await open("/board");
      await page.locator(".fresh.is-live").waitFor();
      await page.close();
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await expect
      .poll(async () => (await fetch(`${stack.urls.portal}/memory?q=port`)).text(), { timeout: 30_000, interval: 500 })
      .not.toContain("Search does not answer.");
  });
});

describe("a portal whose profile is changed while it runs", () => {
  it("shows the other brand and colours at the next request, and the old ones again after", async () => {
    const file = join(stack.stateDir, "run", "portal", "profile.json");
    const before = readFileSync(file, "utf8");
    const pid = await pidOf(stack, "portal");
    const profile = JSON.parse(before);
    const brand = { ...profile.brand, name: "Zinnober", org: "Swapped" };
    const html = async () => (await fetch(`${stack.urls.portal}/board`)).text();
    const page = await open("/board");
    await page.locator(".fresh.is-live").waitFor();
    try {
      writeFileSync(file, JSON.stringify({ ...profile, brand, theme: { paper: { paper: "#fefefe" }, console: {} } }));
      const swapped = await html();
      expect(swapped).toContain("Zinnober");
      expect(swapped).toContain("--paper:#fefefe");
      await newTask("After the swap");
      await page.locator(".brand", { hasText: "Zinnober" }).waitFor();
      await isSamePage(page);
    } finally {
      writeFileSync(file, before);
    }
    expect(await html()).not.toContain("Zinnober");
    expect(await pidOf(stack, "portal")).toBe(pid);
    await page.close();
  });
});

describe("the frame for other pages", () => {
  it("is live without a masthead, and says in its own words that nothing is known", async () => {
    const line = await startLine(stack.ports.portal);
    const page = await open("/embed", line.url);
    await page.locator("html[data-stream=live]").waitFor();
    await page.locator(GLOWING).first().waitFor();
    const task = await newTask("Seen in the frame");
    await board.write("PATCH", `os_tasks/${task.id}`, { claim_session: "frame" }, stack.secret("agent-a04"));
    await page.getByText("Seen in the frame").waitFor();
    line.cut();
    await page.getByText("who works now is unknown").waitFor();
    expect(await page.locator(GLOWING).count()).toBe(0);
    line.mend();
    await page.locator("html[data-stream=live]").waitFor(PATIENT);
    await isSamePage(page);
    await page.close();
    await line.stop();
  });
});
