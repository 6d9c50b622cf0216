import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Debian's package `chromium`. */
const EXECUTABLE = "/usr/bin/chromium";
/** No sandbox, because tests run as root too; the rest keeps it from calling anybody. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A headless Chromium; the caller closes it. @throws Error naming the missing package */
export async function openBrowser(): Promise<Browser> {
  if (!existsSync(EXECUTABLE)) throw new Error(`${EXECUTABLE} is not there: install the Debian package chromium.`);
  return chromium.launch({ executablePath: EXECUTABLE, headless: true, args: FLAGS });
}
