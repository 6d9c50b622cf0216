import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { PORTAL_ROUTES } from "../support/portal-audit.ts";
import { CHECKOUT, raiseStack, type Stack } from "../support/stack.ts";

/** Whatever else answers a stranger, beside the pages. */
const MACHINE_ROUTES = [
  ...["/api/snapshot", "/api/changes?view=/", "/list.csv", "/list.json", "/feed.xml", "/events/feed.atom"],
  ...["/receipts/feed.atom", "/receipts/1/receipt.json"],
];
/** Verified, blocked on a person, without the means, and stopped after three verdicts. */
const TASKS = 60;

interface SeedTask {
  readonly blocked?: { readonly reason?: string; readonly owner?: string; readonly action?: string };
}
interface SeedVerdict {
  readonly evidence: string;
  readonly checks?: readonly { readonly command: string }[];
}

const seed = <Row>(name: string): readonly Row[] =>
  JSON.parse(readFileSync(join(CHECKOUT, "profiles", "generic", "seed", `${name}.json`), "utf8"));

/** What the seeded rows hold that strangers may not read; words that also stand in a text that they may read prove nothing. */
function hiddenWords(): readonly string[] {
  const tasks = seed<SeedTask>("tasks");
  const open = JSON.stringify([tasks.map(({ blocked: _blocked, ...task }) => task), seed("notes"), seed("receipts")]);
  const words = [
    ...tasks.flatMap(({ blocked }) => [blocked?.reason, blocked?.owner, blocked?.action]),
    ...seed<SeedVerdict>("verifications").flatMap(({ evidence, checks = [] }) => [
      evidence,
      ...checks.map(({ command }) => command),
    ]),
  ];
  return [...new Set(words)].filter((text): text is string => text !== undefined && !open.includes(text));
}

const plain = (html: string) =>
  html
    .replaceAll("&#x27;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  ({ stack } = await raiseStack({ environment: { ELK_OS_PORTAL_PUBLIC: "true" } }));
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await stack?.dispose();
});

it("tells strangers no person, no ask, no evidence, no command and no cost, on any route", async () => {
  const hidden = hiddenWords();
  expect(hidden.length).toBeGreaterThan(40);
  const routes = [
    ...PORTAL_ROUTES.filter((route) => route !== "/costs"),
    ...Array.from({ length: TASKS }, (_, at) => `/tasks/${at + 1}`),
    ...MACHINE_ROUTES,
  ];
  const told: string[] = [];
  for (const route of routes) {
    const text = plain(await (await fetch(`${stack.urls.portal}${route}`)).text());
    for (const words of hidden) if (text.includes(words)) told.push(`${route}: ${words}`);
    // The glossary may say the word; a number beside it is a cost.
    if (/\d\s*tokens|>tokens<|"tokens":\d|USD/.test(text)) told.push(`${route}: a cost`);
  }
  expect(told).toEqual([]);
});

it("has no page of costs, also for those who ask by name, and no script is needed to read so", async () => {
  const answer = await fetch(`${stack.urls.portal}/costs`);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toContain("There is no such page, task or receipt.");
});

it("offers costs neither in the command menu nor by key", async () => {
  const page = await browser.newPage();
  await page.goto(`${stack.urls.portal}/`);
  await page.locator("html[data-keys]").waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").waitFor();
  expect(await page.getByRole("option", { name: /^Board/ }).count()).toBe(1);
  expect(await page.getByRole("option", { name: /^Costs/ }).count()).toBe(0);
  await page.keyboard.press("Escape");
  await page.getByRole("combobox").waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  // A key that leads nowhere leaves nothing to wait for: the next one leads to the board, and the history holds no costs.
  await page.keyboard.press("g");
  await page.keyboard.press("b");
  await page.waitForURL("**/board");
  // The router writes its state into the history entry when it wakes, which goBack would take for the step back.
  await page.locator("html[data-keys]").waitFor();
  await page.goBack();
  await page.waitForURL((url) => url.pathname === "/");
  await page.close();
});
