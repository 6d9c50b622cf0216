/** Every key that the sheet lists does what it says. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KEYS } from "../../portal/view/keys.ts";
import { openBrowser } from "../support/browser.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

let stack: Stack;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  ({ stack } = await sharedStack());
  browser = await openBrowser();
  context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
});

afterAll(async () => {
  await context?.close();
  await browser?.close();
});

async function open(path: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${stack.urls.portal}${path}`);
  await page.locator("html[data-keys]").waitFor();
  return page;
}

/** Address of the link that has the focus; empty without one. */
const focused = (page: Page): Promise<string> => page.evaluate("document.activeElement?.href ?? ''");
const column = (page: Page): Promise<string> =>
  page.evaluate("document.activeElement?.closest('.kan section')?.getAttribute('aria-labelledby') ?? ''");
const dialog = (page: Page) => page.locator("dialog[open]");

type Proof = (page: Page) => Promise<void>;

/** What a key does, from the board on. */
const PROOFS: Readonly<Record<string, Proof>> = {
  async "?"(page) {
    await page.keyboard.press("?");
    await dialog(page).getByRole("heading", { name: "Keys" }).waitFor();
  },
  async "/"(page) {
    await page.keyboard.press("/");
    await dialog(page).getByRole("combobox").waitFor();
    const chosen = page.locator("dialog[open] [aria-selected=true]");
    const first = await chosen.textContent();
    await page.keyboard.press("ArrowDown");
    expect(await chosen.textContent()).not.toBe(first);
    await page.keyboard.press("ArrowUp");
    expect(await chosen.textContent()).toBe(first);
  },
  async "Ctrl K"(page) {
    await page.goto(`${stack.urls.portal}/list`);
    await page.locator("html[data-keys]").waitFor();
    await page.locator("#list-words").focus();
    await page.keyboard.press("Control+k");
    await dialog(page).getByRole("combobox").waitFor();
  },
  async j(page) {
    await page.keyboard.press("j");
    const first = await focused(page);
    await page.keyboard.press("j");
    expect(first).toContain("/tasks/");
    expect(await focused(page)).not.toBe(first);
  },
  async k(page) {
    await page.keyboard.press("j");
    const first = await focused(page);
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    expect(await focused(page)).toBe(first);
  },
  async h(page) {
    await page.keyboard.press("l");
    const first = await column(page);
    await page.keyboard.press("l");
    await page.keyboard.press("h");
    expect(await column(page)).toBe(first);
  },
  async l(page) {
    await page.keyboard.press("l");
    const first = await column(page);
    await page.keyboard.press("l");
    expect(first).not.toBe("");
    expect(await column(page)).not.toBe(first);
  },
  async Enter(page) {
    await page.keyboard.press("j");
    const address = await focused(page);
    await page.keyboard.press("Enter");
    await page.waitForURL(address);
  },
  async f(page) {
    await page.keyboard.press("f");
    expect(await page.evaluate("document.activeElement?.matches('.facets summary')")).toBe(true);
    await page.keyboard.press("Enter");
    await page.locator(".facets details[open]").waitFor();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toContain("/board");
  },
  async "."(page) {
    await page.goto(`${stack.urls.portal}/doctor`);
    await page.locator("html[data-keys]").waitFor();
    const problems = await page.locator("main .d-red, main .d-expired").count();
    await page.keyboard.press(".");
    if (problems === 0)
      await page.locator("[role=status]", { hasText: "No problem on this page." }).waitFor({ state: "attached" });
    else expect(await page.evaluate("document.activeElement?.closest('.d-red, .d-expired') !== null")).toBe(true);
  },
  async c(page) {
    await page.keyboard.press("c");
    await page.locator("[role=status]", { hasText: "was copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toBe(page.url());
  },
  async p(page) {
    await page.locator(".fresh.is-live").waitFor();
    await page.keyboard.press("p");
    await page.locator(".fresh.is-paused").waitFor();
    await page.keyboard.press("p");
    await page.locator(".fresh.is-live").waitFor();
  },
  async "["(page) {
    await page.keyboard.press("[");
    await page.waitForURL(/[?&]at=/);
  },
  async "]"(page) {
    await page.goto(`${stack.urls.portal}/board?at=${new Date(Date.now() - 5_000).toISOString()}`);
    const start = page.url();
    await page.locator("html[data-keys]").waitFor();
    await page.keyboard.press("[");
    await page.waitForURL((url) => url.href !== start);
    const before = page.url();
    await page.locator("html[data-keys]").waitFor();
    await page.keyboard.press("]");
    await page.waitForURL((url) => url.href !== before && url.searchParams.has("at"));
  },
  async Esc(page) {
    await page.keyboard.press("j");
    const row = await focused(page);
    await page.keyboard.press("?");
    await dialog(page).waitFor();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    expect(await focused(page)).toBe(row);
  },
};

describe("the keys of the sheet", () => {
  it("each have a proof here, and no other has", () => {
    expect(Object.keys(PROOFS).toSorted()).toEqual(KEYS.map(({ keys }) => keys.join(" ")).toSorted());
  });

  it.each(KEYS.map(({ keys, says }) => [keys.join(" "), says] as const))("%s: %s", async (key) => {
    const page = await open("/board");
    await PROOFS[key]?.(page);
    await page.close();
  });

  it("are silent where single keys are turned off, but for Ctrl K, and speak again where they are turned on", async () => {
    const page = await open("/help");
    const toggle = async () => {
      await page.locator("dialog[open] .switch input").click();
      await page.keyboard.press("Escape");
      await dialog(page).waitFor({ state: "detached" });
    };
    await page.keyboard.press("?");
    await toggle();
    await page.keyboard.press("?");
    await page.keyboard.press("g");
    await page.keyboard.press("b");
    expect([await dialog(page).count(), new URL(page.url()).pathname]).toEqual([0, "/help"]);
    await page.keyboard.press("Control+k");
    await dialog(page).waitFor();
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    await page.evaluate("localStorage.removeItem('muster.single-keys')");
    await page.keyboard.press("?");
    await dialog(page).getByRole("heading", { name: "Keys" }).waitFor();
    await page.close();
  });
});
