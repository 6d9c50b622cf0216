/** Looks at pages of the portal as axe does, in a real browser. */
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { z } from "zod";

/** Every route of the portal; numbers name rows that the generic profile seeds. */
export const PORTAL_ROUTES = [
  "/",
  "/board",
  "/board?lanes=agent",
  "/board?agent=nobody",
  "/list",
  "/list?status=nothing",
  "/graph",
  "/timeline",
  "/events",
  "/receipts",
  "/receipts/1",
  "/phases",
  "/releases",
  "/releases/returns-api/0.1.0",
  "/agents",
  "/claims",
  "/costs",
  "/doctor",
  "/memory?q=port",
  "/help",
  "/tasks/35",
  "/tasks/999999",
  "/embed",
  "/?kiosk=1",
] as const;

export const THEMES = ["paper", "console"] as const;

export const VIEWPORTS = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
] as const;

const Answer = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ target: z.array(z.unknown()) })) })),
});

/** One line for each rule that a page breaks, with the first element that breaks it. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  // Evaluated by the debugger, so that the page's own policy stays as strict as it is.
  await page.evaluate(axe.source);
  const raw: unknown = await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'] })",
  );
  return Answer.parse(raw).violations.map(({ id, nodes }) => `${id} at ${JSON.stringify(nodes[0]?.target)}`);
}

/** Every route in one theme and at one size. Each line names what is wrong where; an empty list is a pass. */
export async function auditPortal(
  browser: Browser,
  origin: string,
  theme: (typeof THEMES)[number],
  viewport: (typeof VIEWPORTS)[number],
): Promise<readonly string[]> {
  const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
  const page = await context.newPage();
  const found: string[] = [];
  try {
    for (const route of PORTAL_ROUTES) {
      const path = `${route}${route.includes("?") ? "&" : "?"}theme=${theme}`;
      await page.goto(`${origin}${path}`, { waitUntil: "domcontentloaded" });
      for (const violation of await violationsOf(page)) found.push(`${route}: ${violation}`);
      const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      if (typeof overflow === "number" && overflow > 0) found.push(`${route}: ${overflow} px wider than the window`);
    }
  } finally {
    await context.close();
  }
  return found;
}
