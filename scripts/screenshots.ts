/**
 * Takes the pictures in docs/screenshots from the running portal: `npm run screenshots`. The profile's name, read off the page, stands
 * first in each file's name; run it once per profile. Needs the Debian package chromium.
 */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser } from "playwright-core";
import { loadConfig } from "../cli/src/config/load.ts";
import { openWholeBrowser } from "../test/support/browser.ts";

const FOLDER = resolve(import.meta.dirname, "..", "docs", "screenshots");

const VIEWS = [
  { name: "now", path: "/" },
  { name: "board", path: "/board" },
  { name: "timeline", path: "/timeline" },
  { name: "receipt", path: "/receipts/3" },
] as const;

const SHOTS = [
  { name: "paper", theme: "paper", viewport: { width: 1280, height: 860 } },
  { name: "console", theme: "console", viewport: { width: 1280, height: 860 } },
  { name: "phone", theme: "paper", viewport: { width: 390, height: 844 } },
  { name: "phone-console", theme: "console", viewport: { width: 390, height: 844 } },
] as const;

async function take(browser: Browser, origin: string): Promise<number> {
  let taken = 0;
  for (const { name, theme, viewport } of SHOTS) {
    const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
    const page = await context.newPage();
    for (const view of VIEWS) {
      await page.goto(`${origin}${view.path}?theme=${theme}`, { waitUntil: "load" });
      await page.evaluate("document.fonts.ready");
      const profile = /profile (\S+)/.exec((await page.locator("footer .m").textContent()) ?? "")?.[1] ?? "unknown";
      await page.screenshot({ path: resolve(FOLDER, `${profile}-${view.name}-${name}.png`) });
      taken += 1;
    }
    await context.close();
  }
  return taken;
}

/** An origin on the command line stands for the portal of this checkout's own stack. */
const origin = process.argv[2] ?? `http://127.0.0.1:${loadConfig().value.portalPort}`;
mkdirSync(FOLDER, { recursive: true });
const browser = await openWholeBrowser();
try {
  process.stdout.write(`${await take(browser, origin)} pictures in ${FOLDER}\n`);
} finally {
  await browser.close();
}
