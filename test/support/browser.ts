import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Debian's package `chromium-headless-shell`: the same engine without a window, for a quarter of the work. */
const SHELL = "/usr/bin/chromium-headless-shell";
/** Debian's package `chromium`. */
const WHOLE = "/usr/bin/chromium";
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

export interface BrowserOptions {
  /** HOME of the browser. Default: the tester's. */
  readonly home?: string;
  /** Besides ours. */
  readonly flags?: readonly string[];
}

/** A headless Chromium, the shell where it is installed; the caller closes it. @throws Error naming the missing package */
export function openBrowser(options?: BrowserOptions): Promise<Browser> {
  return open(existsSync(SHELL) ? SHELL : WHOLE, options);
}

/** The Chromium that people have, headless, for figures and pictures; the caller closes it. @throws Error naming the missing package */
export function openWholeBrowser(): Promise<Browser> {
  return open(WHOLE);
}

async function open(executablePath: string, { home, flags = [] }: BrowserOptions = {}): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new Error(`${executablePath} is not there: install the Debian package chromium.`);
  }
  const env = { ...process.env, ...(home === undefined ? {} : { HOME: home }) };
  return chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...flags], env });
}
