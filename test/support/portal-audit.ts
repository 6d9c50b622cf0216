/** Looks at pages of the portal as axe does, in a real browser. */
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { z } from "zod";
import { GENERIC_SAMPLES, pageRoutes, statusOf, VARIANT_ROUTES } from "./portal-routes.ts";
import { eventually } from "./processes.ts";

/** Every page of the portal on the generic profile's board, and its variants. */
export const PORTAL_ROUTES: readonly string[] = [...pageRoutes(GENERIC_SAMPLES), ...VARIANT_ROUTES];

export const THEMES = ["paper", "console"] as const;
type Theme = (typeof THEMES)[number];
/** Shorter than any stack of a test lives, so that there is a board at that time. */
const REPLAY_MS = 20_000;
/** Looked at side by side: a page keeps one core busy, with the portal and the browser in turn. */
const PAGES = 2;

export const VIEWPORTS = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
] as const;
type Viewport = (typeof VIEWPORTS)[number];

const Answer = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ target: z.array(z.unknown()) })) })),
});

/** One line for each rule that a page, or what stands under the selector, breaks, with the first element that breaks it. */
async function violationsOf(page: Page, within = "html"): Promise<readonly string[]> {
  // Evaluated by the debugger, so that the page's own policy stays as strict as it is.
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(axe.source);
  const raw: unknown = await page.evaluate(
    `axe.run(${JSON.stringify(within)}, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] })`,
  );
  return Answer.parse(raw).violations.map(({ id, nodes }) => `${id} at ${JSON.stringify(nodes[0]?.target)}`);
}

/**
 * Opens a route and looks at it in each of these windows. Each line names what is wrong; a page that answers otherwise than it must is no page to look
 * at. It is loaded once for all windows: its layout is the style sheets' alone, which ask for the width whenever it changes. A theme is the server's.
 */
export async function auditRoute(
  page: Page,
  address: { readonly origin: string; readonly route: string; readonly theme: Theme },
  status: number,
  viewports: readonly Viewport[],
): Promise<readonly string[]> {
  const { origin, route, theme } = address;
  const path = `${route}${route.includes("?") ? "&" : "?"}theme=${theme}`;
  const response = await page.goto(`${origin}${path}`, { waitUntil: "domcontentloaded" });
  if (response?.status() !== status) return [`${route}: answers ${response?.status() ?? "nothing"}, not ${status}`];
  const found: string[] = [];
  for (const viewport of viewports) {
    await page.setViewportSize(viewport);
    const where = `${route} at ${viewport.width} px`;
    await eventually(`${where} fills the window`, async () => (await page.evaluate("innerWidth")) === viewport.width);
    for (const violation of await violationsOf(page)) found.push(`${where}: ${violation}`);
    const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    if (typeof overflow === "number" && overflow > 0) found.push(`${where}: ${overflow} px wider than the window`);
  }
  return found;
}

/** Every route in one theme and in windows of every size, and one of them in a replay. An empty list is a pass. */
export async function auditPortal(browser: Browser, origin: string, theme: Theme): Promise<readonly string[]> {
  const replay = `/board?at=${new Date(Date.now() - REPLAY_MS).toISOString()}`;
  const routes = [...PORTAL_ROUTES, replay];
  const auditShare = async (share: number): Promise<readonly string[]> => {
    const context = await browser.newContext({ viewport: VIEWPORTS[0], reducedMotion: "reduce" });
    const page = await context.newPage();
    const found: string[] = [];
    try {
      for (const route of routes.filter((_, at) => at % PAGES === share)) {
        const status = route === replay ? 200 : statusOf(route);
        found.push(...(await auditRoute(page, { origin, route, theme }, status, VIEWPORTS)));
      }
    } finally {
      await context.close();
    }
    return found;
  };
  return (await Promise.all(Array.from({ length: PAGES }, (_, share) => auditShare(share)))).flat();
}

/** What only a script or a click shows: the sheet of keys, the command menu, the pill and the menus of filters. */
export async function auditOpened(
  browser: Browser,
  origin: string,
  theme: Theme,
  viewport: Viewport,
): Promise<readonly string[]> {
  const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
  const page = await context.newPage();
  const found: string[] = [];
  const look = async (what: string, within?: string) => {
    for (const violation of await violationsOf(page, within)) found.push(`${what}: ${violation}`);
  };
  try {
    await page.goto(`${origin}/board?theme=${theme}`);
    await page.locator("html[data-keys]").waitFor();
    for (const [key, what] of [
      ["?", "the sheet of keys"],
      ["/", "the command menu"],
    ] as const) {
      await page.keyboard.press(key);
      await page.locator("dialog[open]").waitFor();
      await look(what);
      await page.keyboard.press("Escape");
      await page.locator("dialog[open]").waitFor({ state: "detached" });
    }
    for (const menu of [".fresh", ".tools .menu", ".facets .menu"]) {
      await page.locator(`${menu} > summary`).first().click();
      await page.locator(`${menu}[open]`).first().waitFor();
      // What an open menu covers in part is behind it: only the menu is to be pressed now.
      await look(`the open ${menu}`, `${menu}[open]`);
    }
  } finally {
    await context.close();
  }
  return found;
}
