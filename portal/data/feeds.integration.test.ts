import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { HISTORY } from "../../test/support/portal-history.ts";
import { INSTANCE, type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import { GET as getReceipt } from "../app/receipts/[number]/receipt.json/route.ts";
import { eventFeed, receiptFeed } from "./feeds.ts";

let reading: PortalReading;
let folder: string;
beforeAll(async () => {
  reading = await startPortalReading();
  folder = mkdtempSync(join(tmpdir(), "muster-feeds-"));
});
beforeEach(() => reading.boardWith(HISTORY));
afterEach(() => reading.forget());
afterAll(async () => {
  await reading.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  new Request(`http://127.0.0.1:3000${path}`, { headers: { host: "127.0.0.1:3000", ...headers } });
const idsOf = (xml: string) => [...xml.matchAll(/<(?:guid isPermaLink="false"|id)>([^<]+)</g)].map(([, id]) => id);
const receiptOf = (number: string) => getReceipt(ask("/"), { params: Promise.resolve({ number }) });

it("names receipts by board and incarnation, not by the host that was asked", async () => {
  vi.stubEnv("ELK_OS_PORTAL_HOSTS", "board.example");
  const here = await (await receiptFeed(ask("/feed.xml"), "rss")).text();
  const there = await (await receiptFeed(ask("/feed.xml", { host: "board.example" }), "rss")).text();
  expect(idsOf(here)).toEqual([`tag:muster.invalid,2026:${INSTANCE}/1/receipts/1`]);
  expect(idsOf(there)).toEqual(idsOf(here));
  expect(there).toContain("<link>http://board.example/receipts/1</link>");
});

it("believes a forwarded host only behind the proxy of compose, and only one of its own", async () => {
  const forwarded = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" };
  vi.stubEnv("ELK_OS_DRIVER", "embedded");
  expect(await (await eventFeed(ask("/events/feed.atom", forwarded), "atom")).text()).not.toContain("evil.example");
  vi.stubEnv("ELK_OS_DRIVER", "compose");
  vi.stubEnv("ELK_OS_PORTAL_HOSTS", "board.example");
  expect(await (await eventFeed(ask("/events/feed.atom", forwarded), "atom")).text()).not.toContain("evil.example");
  const ours = { ...forwarded, "x-forwarded-host": "board.example" };
  expect(await (await eventFeed(ask("/events/feed.atom", ours), "atom")).text()).toContain("https://board.example/");
});

it("a feed of events holds what its filters leave, each where it stays", async () => {
  const xml = await (await eventFeed(ask("/events/feed.xml?task=1&kind=verified"), "rss")).text();
  expect(xml).toContain("<title>Events: kind verified, task #1</title>");
  expect(xml.match(/<item>/g)).toHaveLength(1);
  expect(xml).toMatch(/<link>http:\/\/127\.0\.0\.1:3000\/events\?before=(\d+)#e\d+<\/link>/);
  expect(xml).toContain("/events/feed.xml?kind=verified&amp;task=1");
});

it("without the feature there is neither a feed of receipts nor one as JSON", async () => {
  expect((await receiptOf("1")).status).toBe(200);
  const file = join(folder, "profile.json");
  const brand = { name: "Muster", org: "Demo", tagline: "" };
  writeFileSync(file, JSON.stringify({ name: "test", brand, features: { receipts: false } }));
  vi.stubEnv("ELK_OS_PROFILE_FILE", file);
  expect((await receiptFeed(ask("/feed.xml"), "rss")).status).toBe(404);
  expect((await receiptOf("1")).status).toBe(404);
});
