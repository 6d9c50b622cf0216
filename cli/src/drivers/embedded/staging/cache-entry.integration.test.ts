/** Staging against the real disk: a half-made entry is never trusted, whoever died while building it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, expect, test } from "vitest";
import { eventually } from "../../../../../test/support/processes.ts";
import { startProgram } from "../../../../../test/support/run-program.ts";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { type CacheEntry, ensureEntry, entryPath, isComplete } from "./cache-entry.ts";

const signal = new AbortController().signal;
const KEY = "0123456789abcdef".repeat(4);
const SLOW_BUILD = new URL("../../../../../test/support/embedded/slow-build.ts", import.meta.url).pathname;

let cache: string;
let built: number;

function entryOf(change: Partial<CacheEntry> = {}): CacheEntry {
  return {
    name: "thing",
    key: KEY,
    proof: ["bin/thing"],
    async build(folder) {
      built += 1;
      mkdirSync(join(folder, "bin"));
      writeFileSync(join(folder, "bin", "thing"), "whole", { mode: 0o700 });
    },
    ...change,
  };
}

beforeEach(() => {
  cache = join(temporaryFolder(), "cache");
  built = 0;
});

test("an entry is built once, under a name with its key, readable for everybody and writable for its owner", async () => {
  const entry = entryOf();
  expect(await ensureEntry(cache, entry, () => {}, signal)).toBe(true);
  expect(await ensureEntry(cache, entry, () => {}, signal)).toBe(false);
  expect(built).toBe(1);
  expect(entryPath(cache, entry)).toBe(join(cache, "thing-0123456789ab"));
  expect(readdirSync(cache)).toEqual(["thing-0123456789ab"]);
  expect(statSync(join(entryPath(cache, entry), "bin", "thing")).mode & 0o777).toBe(0o755);
});

test("a build that fails leaves nothing and is tried again", async () => {
  const broken = entryOf({
    async build(folder) {
      writeFileSync(join(folder, "half"), "");
      throw new Error("no network");
    },
  });
  await expect(ensureEntry(cache, broken, () => {}, signal)).rejects.toThrow("no network");
  expect(readdirSync(cache)).toEqual([]);
  expect(await ensureEntry(cache, entryOf(), () => {}, signal)).toBe(true);
});

test("of two builds that began in the same moment the first to end stays, as somebody may use it already", async () => {
  const faster = entryPath(cache, entryOf());
  const inode = () => statSync(join(faster, "bin", "thing")).ino;
  let first = 0;
  const slower = entryOf({
    async build(folder) {
      await entryOf().build(folder, () => {}, signal);
      mkdirSync(faster);
      await entryOf().build(faster, () => {}, signal);
      writeFileSync(join(faster, ".elk-os-complete"), `${KEY}\n`);
      first = inode();
    },
  });
  expect(await ensureEntry(cache, slower, () => {}, signal)).toBe(false);
  expect(inode()).toBe(first);
  expect(readdirSync(cache)).toEqual(["thing-0123456789ab"]);
});

test("a build without its proof files is refused", async () => {
  const empty = entryOf({ build: async () => {} });
  await expect(ensureEntry(cache, empty, () => {}, signal)).rejects.toMatchObject({ code: "INSTALL_FAILED" });
  expect(readdirSync(cache)).toEqual([]);
});

test.each([
  ["without its marker", (path: string) => rmSync(join(path, ".elk-os-complete"))],
  ["with another entry's marker", (path: string) => writeFileSync(join(path, ".elk-os-complete"), "ffff\n")],
  ["without a proof file", (path: string) => rmSync(join(path, "bin", "thing"))],
])("a folder %s is built again", async (_what, damage) => {
  const entry = entryOf();
  await ensureEntry(cache, entry, () => {}, signal);
  damage(entryPath(cache, entry));
  expect(isComplete(cache, entry)).toBe(false);
  expect(await ensureEntry(cache, entry, () => {}, signal)).toBe(true);
  expect(readFileSync(join(entryPath(cache, entry), "bin", "thing"), "utf8")).toBe("whole");
});

test("a builder that is killed in the middle leaves nothing that a second run trusts", async () => {
  const builder = startProgram(SLOW_BUILD, [cache, KEY]);
  const half = () =>
    existsSync(cache) && readdirSync(cache).find((name) => existsSync(join(cache, name, "bin", "thing")));
  await eventually("the build is in the middle", half);
  builder.child.kill("SIGKILL");
  await builder.ended;

  expect(isComplete(cache, entryOf())).toBe(false);
  expect(await ensureEntry(cache, entryOf(), () => {}, signal)).toBe(true);
  expect(readdirSync(cache)).toEqual(["thing-0123456789ab"]);
  expect(readFileSync(join(cache, "thing-0123456789ab", "bin", "thing"), "utf8")).toBe("whole");
});

test("a second builder waits for a live one and takes over when that is killed", async () => {
  const builder = startProgram(SLOW_BUILD, [cache, KEY]);
  await eventually("the build is in the middle", () => existsSync(cache) && readdirSync(cache).length === 1);
  const said: string[] = [];
  const second = ensureEntry(cache, entryOf(), (line) => said.push(line), signal);
  await eventually("the second waits", () => said.length > 0);
  await delay(100);
  expect(built).toBe(0);
  builder.child.kill("SIGKILL");
  expect(await second).toBe(true);
  expect(said[0]).toBe("another elk-os builds thing: waiting for it");
});
