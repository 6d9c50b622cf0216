import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NextRequest } from "next/server";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startPostgres, type TestDatabase, type TestPostgres } from "../test/support/postgres.ts";
import { GET as getBadge } from "./app/badge.svg/route.ts";
import { rememberReading } from "./data/last-reading.ts";
import { pool } from "./data/pool.ts";
import { readSnapshot } from "./data/snapshot.ts";
import { proxy } from "./proxy.ts";
import { formatPageToken, formatPlaceToken, parseInstant } from "./view/instant.ts";

const INSTANCE = "0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7a03";
const FRAMED_BY = "https://wiki.example";

let postgres: TestPostgres;
let databaseName: string;
let database: TestDatabase;
let folder: string;
/** The portal's pages as the proxy asks for them by itself: they answer which page it was, under the policy that proxy.ts gave it. */
let pages: Server;

beforeAll(async () => {
  postgres = await startPostgres();
  database = await postgres.createDatabase();
  databaseName = database.name;
  const owner = await database.connect("postgres");
  await owner.query("select muster.ensure_instance($1)", [INSTANCE]);
  await owner.end();
  folder = mkdtempSync(join(tmpdir(), "muster-portal-proxy-"));
  writeFileSync(join(folder, "password"), "test\n");
  pages = createServer((request, response) => {
    const token = request.headers["x-muster-outage"];
    const own = new NextRequest(`http://127.0.0.1${request.url}`, {
      headers: { host: "127.0.0.1", "x-muster-outage": String(token) },
    });
    void proxy(own).then((answer) => {
      response.setHeader("content-security-policy", answer.headers.get("content-security-policy") ?? "");
      response.end(`page ${request.url}`);
    });
  }).listen(0, "127.0.0.1");
  await once(pages, "listening");
});

afterAll(async () => {
  pages.close();
  pages.closeAllConnections();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  const address = pages.address();
  vi.stubEnv("PORT", typeof address === "object" ? String(address?.port) : "");
  vi.stubEnv("ELK_OS_DATABASE_PORT", String(postgres.port));
  vi.stubEnv("ELK_OS_DATABASE_NAME", databaseName);
  vi.stubEnv("ELK_OS_DATABASE_PASSWORD_FILE", join(folder, "password"));
});
afterEach(async () => {
  await pool().end();
  Reflect.deleteProperty(globalThis, Symbol.for("muster.portal.pool"));
  vi.unstubAllEnvs();
});

const ask = (path: string) => proxy(new NextRequest(`http://127.0.0.1${path}`, { headers: { host: "127.0.0.1" } }));
const ancestors = (answer: Response) =>
  /frame-ancestors ([^;]*)/.exec(answer.headers.get("content-security-policy") ?? "")?.[1];
/** The board's instance is another one: every reading of it is an outage. */
const loseBoard = () => vi.stubEnv("ELK_OS_INSTANCE_ID", "0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7aff");

test("nobody may frame a page, and /embed only who was named", async () => {
  expect([ancestors(await ask("/")), ancestors(await ask("/embed"))]).toEqual(["'none'", "'none'"]);
  vi.stubEnv("ELK_OS_PORTAL_FRAME_ANCESTORS", FRAMED_BY);
  expect([ancestors(await ask("/")), ancestors(await ask("/embed"))]).toEqual(["'none'", FRAMED_BY]);
});

test("in an outage the frame keeps its own words and its own policy; every other page is the one that says so", async () => {
  vi.stubEnv("ELK_OS_PORTAL_FRAME_ANCESTORS", FRAMED_BY);
  loseBoard();
  const frame = await ask("/embed?theme=paper");
  expect([frame.status, await frame.text(), ancestors(frame)]).toEqual([503, "page /embed?theme=paper", FRAMED_BY]);
  const other = await ask("/board");
  expect([other.status, await other.text(), ancestors(other)]).toEqual([503, "page /unavailable", "'none'"]);
});

test("a right that the portal's role lacks is an outage of every page, shown from no memory, and the log names the view once", async () => {
  const told: string[] = [];
  const log = vi.spyOn(process.stderr, "write").mockImplementation((line) => told.push(String(line)) > 0);
  rememberReading("/board?", {});
  const admin = await database.connect("postgres");
  const look = async (path: string) => {
    const answer = await ask(path);
    return [answer.status, answer.status === 200 ? null : await answer.text()];
  };
  try {
    for (const [view, path] of [
      ["muster_read.receipts", "/board"],
      ["muster_read.instance", "/board"],
      ["muster_at.tasks", "/board?at=2026-11-22T19:41:00Z"],
    ] as const) {
      await admin.query(`revoke select on ${view} from muster_portal`);
      const page = path.replace("/board", "/unavailable");
      expect([await look(path), await look(path)], view).toEqual([
        [503, `page ${page}`],
        [503, `page ${page}`],
      ]);
      // Whoever reads the present does not need the twins of the views.
      if (view.startsWith("muster_at.")) expect((await look("/board"))[0]).toBe(200);
      await admin.query(`grant select on ${view} to muster_portal`);
      expect((await look(path))[0], view).toBe(200);
    }
  } finally {
    log.mockRestore();
    await admin.end();
  }
  expect(told.map((line) => /right_missing: .*(receipts|instance|muster_at\.tasks)/.exec(line)?.[1])).toEqual([
    "receipts",
    "instance",
    "muster_at.tasks",
  ]);
});

test("an instant of another life of the board is gone, and one of this life or a time is not", async () => {
  const now = new Date();
  const page = (life: number) => formatPageToken(life, "700:700:", now);
  const place = (life: number) => formatPlaceToken(life, "700:1");
  const status = async (at: string) => (await ask(`/board?at=${at}`)).status;
  expect([await status(page(1)), await status(place(1)), await status("2026-11-22T19:41:00Z")]).toEqual([
    200, 200, 200,
  ]);
  expect([await status(page(2)), await status(place(2))]).toEqual([410, 410]);
  expect(await (await ask(`/list.csv?at=${page(2)}`)).text()).toBe(
    "410: at= is of another life of this board, which was restored since. Send a time instead.\n",
  );
  const read = (life: number) => readSnapshot(async () => "read", parseInstant(page(life)));
  expect(await read(1)).toBe("read");
  await expect(read(2)).rejects.toThrow("another life");
});

test("the badge says how much is verified, and in an outage that nothing is known", async () => {
  const words = async () => /<title>([^<]*)<\/title>/.exec(await (await getBadge()).text())?.[1];
  expect(await words()).toBe("board: 0 of 0 verified");
  loseBoard();
  const passed = await ask("/badge.svg");
  expect([passed.status, passed.headers.get("x-middleware-next")]).toEqual([200, "1"]);
  expect(await words()).toBe("board: unknown");
  vi.stubEnv("ELK_OS_DATABASE_PASSWORD_FILE", join(folder, "absent"));
  Reflect.deleteProperty(globalThis, Symbol.for("muster.portal.pool"));
  const answer = await getBadge();
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/svg+xml; charset=utf-8"]);
  expect(await answer.text()).toContain("board: unknown");
});
