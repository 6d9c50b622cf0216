import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { type Copy, findStale, refreshCopies } from "./copies.ts";

let checkout: string;
let data: string;
let copies: readonly Copy[];

beforeEach(async () => {
  checkout = temporaryFolder();
  data = join(temporaryFolder(), "data");
  copies = [
    { from: join(checkout, "memory"), to: join(data, "memory") },
    { from: join(checkout, "CLAUDE.md"), to: join(data, "constitution", "CLAUDE.md") },
  ];
  mkdirSync(join(checkout, "memory", "guides"), { recursive: true });
  for (const name of ["memory/first.md", "memory/guides/review.md", "CLAUDE.md"]) write(name, `# ${name}\n`);
  await refreshCopies(data, copies);
});

function write(name: string, text: string): void {
  writeFileSync(join(checkout, name), text);
}

test("what was changed, added or removed in the checkout is named by its path until the copies are made again", async () => {
  expect(findStale(copies)).toEqual([]);
  write("memory/first.md", "# Another\n");
  write("memory/guides/second.md", "# Second\n");
  rmSync(join(checkout, "memory/guides/review.md"));
  write("CLAUDE.md", "# New rules\n");
  expect(findStale(copies)).toEqual([
    "CLAUDE.md",
    "memory/first.md",
    "memory/guides/review.md",
    "memory/guides/second.md",
  ]);
  await refreshCopies(data, copies);
  expect(findStale(copies)).toEqual([]);
  expect(readFileSync(join(data, "memory/first.md"), "utf8")).toBe("# Another\n");
  expect(existsSync(join(data, "memory/guides/review.md"))).toBe(false);
});

test("a copy that was harmed or deleted is named, too", async () => {
  writeFileSync(join(data, "memory/first.md"), "# Harmed\n");
  rmSync(join(data, "memory/guides"), { recursive: true });
  expect(findStale(copies)).toEqual(["memory/first.md", "memory/guides/review.md"]);
});

test("an equal file is left alone, so that search does not read it again", async () => {
  const before = statSync(join(data, "memory/first.md"));
  write("memory/guides/review.md", "# Changed\n");
  await refreshCopies(data, copies);
  const after = statSync(join(data, "memory/first.md"));
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
});

test("links, locks and half-written files of the checkout are no part of a copy", async () => {
  symlinkSync("/etc", join(checkout, "memory/linked"));
  write("memory/.write.lock", "1");
  write("memory/first.md.77.tmp", "half");
  await refreshCopies(data, copies);
  expect([findStale(copies), existsSync(join(data, "memory/.write.lock"))]).toEqual([[], false]);
});

test("two who refresh at once leave the newest text, and no lock", async () => {
  const rounds = Array.from({ length: 8 }, async (_, n) => {
    write("memory/first.md", `# Text ${n}\n`);
    await refreshCopies(data, copies);
  });
  await Promise.all(rounds);
  expect(findStale(copies)).toEqual([]);
  expect(existsSync(join(data, ".copies.lock"))).toBe(false);
});
