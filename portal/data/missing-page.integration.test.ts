import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { HISTORY } from "../../test/support/portal-history.ts";
import { type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import { isMissingPage } from "./missing-page.ts";

let reading: PortalReading;
let folder: string;
beforeAll(async () => {
  reading = await startPortalReading();
  folder = mkdtempSync(join(tmpdir(), "muster-missing-"));
});
beforeEach(() => reading.boardWith(HISTORY));
afterEach(() => reading.forget());
afterAll(async () => {
  await reading.stop();
  rmSync(folder, { recursive: true, force: true });
});

const time = (iso: string) => ({ kind: "time", at: new Date(iso) }) as const;

it.each(["/tasks/4", "/tasks/999", "/tasks/x", "/receipts/9", "/releases/open-api/9.9.9", "/releases/%E0%A4%A/1"])(
  "%s is not there",
  async (path) => expect(await isMissingPage(path, null)).toBe(true),
);

it.each([
  "/",
  "/board",
  "/tasks/1",
  "/receipts/1",
  "/receipts/r-0001",
  "/releases/open-api/0.1.0",
  "/costs",
  "/feed.xml",
])("%s is", async (path) => expect(await isMissingPage(path, null)).toBe(false));

it("a task is not there before it came", async () => {
  expect(await isMissingPage("/tasks/1", time("2001-01-01T00:00:00Z"))).toBe(true);
  expect(await isMissingPage("/tasks/1", time(new Date().toISOString()))).toBe(false);
});

it("costs are not there for strangers", async () => {
  vi.stubEnv("ELK_OS_PORTAL_PUBLIC", "true");
  expect(await isMissingPage("/costs", null)).toBe(true);
  expect(await isMissingPage("/agents", null)).toBe(false);
});

it("what the profile turns off is not there, with everything below it", async () => {
  const file = join(folder, "profile.json");
  const brand = { name: "Muster", org: "Demo", tagline: "" };
  writeFileSync(file, JSON.stringify({ name: "test", brand, features: { receipts: false, releases: false } }));
  vi.stubEnv("ELK_OS_PROFILE_FILE", file);
  const paths = ["/receipts", "/receipts/1", "/releases", "/releases/open-api/0.1.0", "/timeline"];
  const found = await Promise.all(paths.map((path) => isMissingPage(path, null)));
  expect(found).toEqual([true, true, true, true, false]);
});

it("a board that cannot be asked is no reason to say that a page is not there", async () => {
  vi.stubEnv("ELK_OS_DATABASE_PORT", "1");
  expect(await isMissingPage("/tasks/1", null)).toBe(false);
});
