/** The Studio as the operator meets it: signs in as a person, opens a bookmark and the dashboard, and the browser has nothing to complain of. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type DirectusClient, openDirectus } from "../../cli/src/directus/client.ts";
import { loadDirectusData } from "../../cli/src/directus/load-data.ts";
import { openBrowser } from "../support/browser.ts";
import { type PortalBoard, portalBoard } from "../support/portal-writes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import { CHECKOUT, type Stack } from "../support/stack.ts";

/** The app is seven megabytes of script, which a busy machine reads for a while. */
const PATIENCE_MS = 60_000;
const TITLE = "Seen in the Studio";
const { studio } = loadDirectusData(join(CHECKOUT, "directus"));

const presetRow = z.object({ id: z.int() });
const phaseRow = z.object({ id: z.string(), name: z.string(), project: z.string() });

let stack: Stack;
let admin: DirectusClient;
let board: PortalBoard;
let browser: Browser;
let page: Page;
let phase: z.infer<typeof phaseRow>;
let task: string | undefined;
/** What the browser complained of since the operator is signed in: before, the app asks whether it is, and is told no. */
const complaints: string[] = [];

const first = async <Row>(path: string, shape: z.ZodType<Row>, params: Readonly<Record<string, unknown>>) =>
  z.tuple([shape]).parse(await admin.request("GET", path, { params: { limit: 1, ...params } }))[0];

beforeAll(async () => {
  ({ stack } = await sharedStack());
  const { signal } = new AbortController();
  admin = openDirectus({ url: stack.urls.directus, token: stack.secret("directus_admin_token"), signal });
  board = portalBoard(stack);
  phase = await first("/items/os_phases", phaseRow, {
    filter: { project: { visibility: { _eq: "public" } } },
    fields: ["id", "name", "project"],
  });
  // The layout shows the first two hundred by priority.
  ({ id: task } = await board.newTask(phase.project, TITLE, { phase: phase.id, priority: "P0" }));
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(PATIENCE_MS);
  page.setDefaultNavigationTimeout(PATIENCE_MS);
  const { email } = z.object({ email: z.string() }).parse(await admin.request("GET", "/users/me"));
  await page.goto(`${stack.urls.directus}/admin/login`);
  await page.locator('form input[autocomplete="username"]').fill(email);
  await page.locator('form input[autocomplete="current-password"]').fill(stack.secret("directus_admin_password"));
  await page.locator('form button[type="submit"]').click();
  await page.waitForURL(({ pathname }) => pathname.startsWith("/admin/") && !pathname.startsWith("/admin/login"));
  await page.locator("header.header-bar h1").first().waitFor();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  await board?.cancel([task]);
});

it("shows a task's card in its phase's column, under the bookmark's name", async () => {
  const bookmark = studio.bookmarks.find(({ layout }) => layout === "kanban");
  if (bookmark === undefined) throw new Error("directus/studio.json has no bookmark in the kanban layout.");
  const preset = await first("/presets", presetRow, {
    filter: { collection: { _eq: bookmark.collection }, bookmark: { _eq: bookmark.bookmark } },
    fields: ["id"],
  });
  await page.goto(`${stack.urls.directus}/admin/content/${bookmark.collection}?bookmark=${preset.id}`);
  await page.locator("header.header-bar h1", { hasText: bookmark.bookmark }).waitFor();
  const card = page.locator(".kanban .item", { hasText: TITLE });
  await card.waitFor();
  expect(await card.count()).toBe(1);
  const column = page.locator(".kanban .group", { has: page.locator(".item", { hasText: TITLE }) });
  expect((await column.locator(".title-content").textContent())?.trim()).toBe(phase.name);
  expect(complaints).toEqual([]);
});

it("shows the dashboard's panels, and how many tasks are ready as the board counts them", async () => {
  const panel = studio.panels.find(({ type }) => type === "metric");
  if (panel === undefined) throw new Error("directus/studio.json has no panel with a figure.");
  const counted = z.tuple([z.object({ count: z.object({ id: z.coerce.number() }) })]);
  const countNow = async () => {
    const params = { aggregate: { count: "id" }, filter: panel.options["filter"] };
    return counted.parse(await admin.request("GET", "/items/os_tasks", { params }))[0].count.id;
  };
  const tiles = page.locator(".v-workspace-tile");
  const figure = tiles.filter({ has: page.locator(".header .name", { hasText: panel.name }) }).locator(".metric-text");
  await page.goto(`${stack.urls.directus}/admin/insights/${studio.dashboard.id}`);
  await figure.waitFor();
  /** The board may move while the page is read: then both are read again. */
  const look = async () => {
    const before = await countNow();
    await page.reload();
    await figure.waitFor();
    const shown = Number((await figure.textContent())?.replaceAll(/\D/g, ""));
    return { shown, counted: [before, await countNow()] };
  };
  const agrees = ({ shown, counted: [before, after] }: Awaited<ReturnType<typeof look>>) =>
    shown > 0 && shown === before && shown === after;
  await expect.poll(look, { timeout: PATIENCE_MS, interval: 500 }).toSatisfy(agrees);
  expect(await tiles.count()).toBe(studio.panels.length);
  for (const { name } of studio.panels)
    expect(await tiles.locator(".header .name", { hasText: name }).count(), name).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});
