import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { crawl } from "./crawl.ts";

/** A site that answers as the portal does: a token on its first page, pages at that instant, and all tasks at one address. */
const TOKEN = "cDoxOjE6MTo6MQ";
const READ_AT = "2026-11-22T19:41:00.000Z";
const TASKS = [1, 2, 3, 4, 5];
const PAGES: Readonly<Record<string, string>> = {
  "/": '<a href="/board">b</a>',
  "/board": `<a href="/board?phase=P0&amp;at=${TOKEN}">P0</a><svg class="ember is-fresh"></svg>`,
  "/list": `<a href="/tasks/1?at=${TOKEN}">1</a><a class="btn" rel="next" href="/list?page=2&amp;at=${TOKEN}">Next</a>`,
  "/list?page=2": `<a href="/tasks/2?at=${TOKEN}">2</a>`,
  "/help": '<link rel="stylesheet" href="/_next/static/a.css"/>',
};

let server: Server;
const asked: string[] = [];
/** How many pages were asked for and not answered: now, and at most. */
const open = { now: 0, most: 0 };

afterEach(() => new Promise((resolve) => server.close(resolve)));

async function serve(answers: Readonly<Record<string, { readonly status: number }>> = {}): Promise<string> {
  asked.length = 0;
  Object.assign(open, { now: 0, most: 0 });
  // The first page is answered when the second was asked for, too.
  const boardAsked = Promise.withResolvers<void>();
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://portal.invalid");
    asked.push(request.url ?? "");
    const at = url.searchParams.get("at");
    url.searchParams.delete("at");
    const key = `${url.pathname}${url.search}`;
    const status = answers[key]?.status;
    open.now += 1;
    open.most = Math.max(open.most, open.now);
    if (key === "/board") boardAsked.resolve();
    if (key === "/" && at !== null) await boardAsked.promise;
    open.now -= 1;
    const page = PAGES[key] ?? (/^\/tasks\/[1-5]$/.test(key) ? `<p>task ${key}</p>` : undefined);
    if (status !== undefined) response.writeHead(status).end();
    else if (key === "/_next/static/a.css") response.end("p{}");
    else if (key === "/" && at === null)
      response.end(`<body><div data-live-read="${READ_AT}" data-at="${TOKEN}"></div>`);
    else if (at !== TOKEN) response.writeHead(500).end();
    else if (key === "/api/snapshot")
      response.end(JSON.stringify({ columns: ["title", "number"], tasks: TASKS.map((number) => ["t", number]) }));
    else if (page === undefined) response.writeHead(404).end();
    else response.end(`<body>${page}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function save(origin: string, most = 100) {
  const files = new Map<string, string>();
  const write = (file: string, content: string | Uint8Array) => {
    files.set(file, typeof content === "string" ? content : Buffer.from(content).toString("utf8"));
  };
  const archive = await crawl({ origin, most, signal: AbortSignal.timeout(30_000), write });
  return { archive, files };
}

it("holds every task and every page of a list, all of them of one instant", async () => {
  const { archive, files } = await save(await serve());
  expect(archive).toEqual({ at: READ_AT, pages: 10, assets: 1, left: 0 });
  for (const number of TASKS) expect(files.get(`tasks/${number}/index.html`)).toContain(`task /tasks/${number}`);
  expect(files.get("list/index.html")).toContain('href="../list/page-2/index.html"');
  expect(files.get("list/page-2/index.html")).toContain('href="../../tasks/2/index.html"');
  expect(files.get("index.html")).toContain(`read at ${READ_AT}`);
  const others = asked.filter((path) => path !== "/" && !path.startsWith("/_next/"));
  expect(others.filter((path) => !path.includes(`at=${TOKEN}`))).toEqual([]);
});

it("keeps two pages at work, and leaves the portal's other connections to its readers", async () => {
  await save(await serve());
  expect(open.most).toBe(2);
});

it("leads from a filter to nowhere rather than to all, and glows nowhere", async () => {
  const board = (await save(await serve())).files.get("board/index.html");
  expect(board).toContain("<a>P0</a>");
  expect(board).not.toContain("is-fresh");
});

it("says how many pages it left out", async () => {
  const { archive } = await save(await serve(), 4);
  expect(archive).toMatchObject({ pages: 4, left: 6 });
});

it("refuses a portal that answers a page with a failure, and says which", async () => {
  await expect(save(await serve({ "/list?page=2": { status: 503 } }))).rejects.toMatchObject({
    code: "BOARD_UNREACHABLE",
    message: expect.stringContaining("/list answered 503"),
  });
});
