/** Reads the portal page by page, as any reader does, and hands each file over. */
import { assetFile, linksOf, pageFile, pathnameOf, rewritePage, rewriteSheet } from "./rewrite.ts";

export interface Archive {
  readonly pages: number;
  readonly assets: number;
  /** Pages that were linked and not read, because there were more than `most`. */
  readonly left: number;
}

export interface CrawlOptions {
  /** "http://127.0.0.1:3000" */
  readonly origin: string;
  /** Pages to read at most. */
  readonly most: number;
  /** `at` is the instant at which the crawl began. */
  readonly at: Date;
  readonly signal: AbortSignal;
  write(file: string, content: string | Uint8Array): void;
}

/** Read first, so that what the archive leaves out at `most` is the far end of it. */
const STARTS = [
  "/",
  "/board",
  "/list",
  "/timeline",
  "/graph",
  "/receipts",
  "/phases",
  "/releases",
  "/agents",
  "/claims",
  "/events",
  "/costs",
  "/doctor",
  "/help",
];

/** @throws Error when a page cannot be read for another reason than that it is not there. */
export async function crawl(options: CrawlOptions): Promise<Archive> {
  const { origin, most, at, signal, write } = options;
  const read = async (path: string) => {
    const response = await fetch(`${origin}${path}`, { redirect: "manual", signal });
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response;
  };
  const pages = new Map<string, string>();
  const assets = new Set<string>();
  const queue = [...STARTS];
  const seen = new Set(queue);
  for (let path = queue.shift(); path !== undefined && pages.size < most; path = queue.shift()) {
    const html = await (await read(path))?.text();
    if (html === undefined) continue;
    pages.set(path, html);
    const links = linksOf(html);
    for (const asset of links.assets) assets.add(asset);
    for (const next of links.pages) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  const kept = new Set(pages.keys());
  const banner = `Archive of the board, read at ${at.toISOString()}. Nothing here changes.`;
  for (const [path, html] of pages) write(pageFile(path), rewritePage(html, { file: pageFile(path), kept, banner }));
  const written = await saveAssets([...assets], read, write);
  return { pages: pages.size, assets: written, left: queue.length };
}

async function saveAssets(
  first: readonly string[],
  read: (path: string) => Promise<Response | null>,
  write: CrawlOptions["write"],
): Promise<number> {
  const queue = [...first];
  const seen = new Set(queue.map(pathnameOf));
  let written = 0;
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const response = await read(path);
    if (response === null) continue;
    written += 1;
    if (!pathnameOf(path).endsWith(".css")) {
      write(assetFile(path), new Uint8Array(await response.arrayBuffer()));
      continue;
    }
    const sheet = rewriteSheet(await response.text(), path);
    write(assetFile(path), sheet.css);
    for (const asset of sheet.assets) {
      if (seen.has(asset)) continue;
      seen.add(asset);
      queue.push(asset);
    }
  }
  return written;
}
