/** Reads the portal page by page at one instant, as any reader of that instant does, and hands each file over. */
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import { pageFile, pathnameOf } from "./page-key.ts";
import { assetFile, linksOf, rewritePage, rewriteSheet } from "./rewrite.ts";

export interface Archive {
  /** When the board was read, by its own clock: ISO 8601. */
  readonly at: string;
  readonly pages: number;
  readonly assets: number;
  /** Pages that are there and were not read, because there are more than `most`. */
  readonly left: number;
}

export interface CrawlOptions {
  /** "http://127.0.0.1:3000" */
  readonly origin: string;
  /** Pages to read at most. */
  readonly most: number;
  readonly signal: AbortSignal;
  write(file: string, content: string | Uint8Array): void;
}

/** Read side by side: while the portal draws the one, the board answers for the other. More would take its connections from its readers. */
const AT_ONCE = 2;

/** Read first, then every task, then what they link: what the archive leaves out at `most` is the far end of it. */
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

const Snapshot = z.object({ columns: z.array(z.string()), tasks: z.array(z.array(z.unknown())) });

/** @throws CliError BOARD_UNREACHABLE when a page cannot be read for another reason than that it is not there */
export async function crawl(options: CrawlOptions): Promise<Archive> {
  const { most, write } = options;
  const { token, at } = await findInstant(options);
  const read = (key: string) => readPath(options, `${key}${key.includes("?") ? "&" : "?"}at=${token}`);
  // Thousands of pages wait here for the last of them, because only then it is known which links lead somewhere.
  const pages = new Map<string, Uint8Array>();
  const assets = new Set<string>();
  const queue = [...STARTS, ...(await findTasks(read))];
  const seen = new Set(queue);
  while (pages.size < most && queue.length > 0) {
    const keys = queue.splice(0, Math.min(AT_ONCE, most - pages.size));
    const answers = await Promise.all(keys.map(async (key) => ({ key, html: await (await read(key))?.text() })));
    for (const { key, html } of answers) {
      if (html === undefined) continue;
      pages.set(key, gzipSync(html, { level: 1 }));
      const links = linksOf(html);
      for (const asset of links.assets) assets.add(asset);
      for (const next of links.pages) {
        if (seen.has(next)) continue;
        seen.add(next);
        queue.push(next);
      }
    }
  }
  const kept = new Set(pages.keys());
  const banner = `Archive of the board, read at ${at}. Nothing here changes, and nobody knows who works now.`;
  for (const [key, packed] of pages) {
    const file = pageFile(key);
    write(file, rewritePage(gunzipSync(packed).toString("utf8"), { file, kept, banner }));
  }
  const written = await saveAssets([...assets], options);
  return { at, pages: pages.size, assets: written, left: queue.length };
}

/** The token by which the portal shows every page as it was at one instant, and that instant. */
async function findInstant(options: CrawlOptions): Promise<{ readonly token: string; readonly at: string }> {
  const html = (await (await readPath(options, "/"))?.text()) ?? "";
  const token = /\sdata-at="([\w-]+)"/.exec(html)?.[1];
  const at = /\sdata-live-read="([^"]+)"/.exec(html)?.[1];
  if (token === undefined || at === undefined) throw unreadable("/ names no instant of the board");
  return { token, at };
}

/** Keys of the pages of all tasks: most of a large board is linked from no page. */
async function findTasks(read: (key: string) => Promise<Response | null>): Promise<readonly string[]> {
  const answer = Snapshot.safeParse(await (await read("/api/snapshot"))?.json());
  const column = answer.data?.columns.indexOf("number") ?? -1;
  if (answer.data === undefined || column === -1) throw unreadable("/api/snapshot answered no list of tasks");
  return answer.data.tasks.map((task) => `/tasks/${z.int().parse(task[column])}`);
}

/** Null when there is nothing under this path. */
async function readPath({ origin, signal }: CrawlOptions, path: string): Promise<Response | null> {
  const response = await fetch(`${origin}${path}`, { redirect: "manual", signal });
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 404) return null;
  throw unreadable(`${pathnameOf(path)} answered ${response.status}`);
}

function unreadable(why: string): CliError {
  return new CliError("BOARD_UNREACHABLE", {
    message: `The portal cannot be saved: ${why}.`,
    hint: "`elk-os doctor --only PORT-UI,PG` says more. Then save it again into an empty folder.",
  });
}

async function saveAssets(first: readonly string[], options: CrawlOptions): Promise<number> {
  const { write } = options;
  const queue = [...first];
  const seen = new Set(queue.map(pathnameOf));
  let written = 0;
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const response = await readPath(options, path);
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
