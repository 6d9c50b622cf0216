/**
 * Takes the pictures in docs/screenshots from the running portal: `npm run screenshots`. The profile's name, read off the page, stands
 * first in each file's name; run it once per profile. Needs the Debian package chromium.
 */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { loadConfig } from "../cli/src/config/load.ts";
import { openWholeBrowser } from "../test/support/browser.ts";

const FOLDER = resolve(import.meta.dirname, "..", "docs", "screenshots");
const LIVE_MS = 30_000;

const SHOTS = [
  { name: "paper", theme: "paper", viewport: { width: 1280, height: 860 } },
  { name: "console", theme: "console", viewport: { width: 1280, height: 860 } },
  { name: "phone", theme: "paper", viewport: { width: 390, height: 844 } },
  { name: "phone-console", theme: "console", viewport: { width: 390, height: 844 } },
] as const;
type Shot = (typeof SHOTS)[number]["name"];

const EVERY: readonly Shot[] = SHOTS.map(({ name }) => name);
/** Each theme once and each window once: what a picture can show of a view that is no picture itself. */
const PAIR: readonly Shot[] = ["paper", "phone-console"];

/** Rows that both profiles seed: a task that is held in its second epoch or later, and a receipt with six steps. */
const VIEWS: readonly { readonly name: string; readonly path: string; readonly shots: readonly Shot[] }[] = [
  { name: "now", path: "/", shots: EVERY },
  { name: "board", path: "/board", shots: EVERY },
  { name: "timeline", path: "/timeline", shots: EVERY },
  { name: "receipt", path: "/receipts/3", shots: EVERY },
  { name: "list", path: "/list", shots: PAIR },
  { name: "graph", path: "/graph", shots: PAIR },
  { name: "task", path: "/tasks/35", shots: PAIR },
  { name: "agents", path: "/agents", shots: PAIR },
  { name: "costs", path: "/costs", shots: PAIR },
  { name: "doctor", path: "/doctor", shots: PAIR },
  { name: "memory", path: "/memory?q=health+check", shots: PAIR },
];

async function take(browser: Browser, origin: string): Promise<number> {
  let taken = 0;
  for (const { name, theme, viewport } of SHOTS) {
    const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
    const page = await context.newPage();
    for (const view of VIEWS.filter(({ shots }) => shots.includes(name))) {
      await open(page, `${origin}${view.path}${view.path.includes("?") ? "&" : "?"}theme=${theme}`);
      const profile = /profile (\S+)/.exec((await page.locator("footer .m").textContent()) ?? "")?.[1] ?? "unknown";
      await save(await page.screenshot(), resolve(FOLDER, `${profile}-${view.name}-${name}.png`));
      taken += 1;
    }
    await context.close();
  }
  return taken;
}

/** As a reader sees it: with its own letters, and when it has heard of the stream. @throws Error when it is not there or hears nothing */
async function open(page: Page, address: string): Promise<void> {
  const answer = await page.goto(address, { waitUntil: "load" });
  if (answer?.status() !== 200) throw new Error(`${address} answers ${answer?.status() ?? "nothing"}.`);
  await page.evaluate("document.fonts.ready");
  // A search is no event's business: its page stands still, and says so.
  await page.locator("html:is([data-stream=live], [data-stream=still])").waitFor({ timeout: LIVE_MS });
}

/** With a palette of its own: a page has few colours, and the file is a third of what the browser makes. */
async function save(picture: Buffer, file: string): Promise<void> {
  await sharp(picture).png({ palette: true, quality: 90, effort: 10, compressionLevel: 9 }).toFile(file);
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
