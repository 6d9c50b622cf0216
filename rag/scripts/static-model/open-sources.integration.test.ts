import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type ModelSources, openSources, readSources } from "./open-sources.ts";

let folder: string;
let into: string;
let sources: ModelSources;

beforeEach(() => {
  folder = temporaryFolder();
  into = join(temporaryFolder(), "unpacked");
  const made = temporaryFolder();
  mkdirSync(join(made, "package"));
  writeFileSync(join(made, "package/words.json"), '["zebra"]');
  execFileSync("tar", ["-czf", join(folder, "words-1.0.0.tgz"), "-C", made, "package"]);
  const integrity = `sha512-${createHash("sha512")
    .update(readFileSync(join(folder, "words-1.0.0.tgz")))
    .digest("base64")}`;
  sources = { about: "", packages: {}, words: { name: "words", version: "1.0.0", integrity } };
});

test("what the shipped model is made from is named with a version and a digest each", () => {
  expect(Object.keys(readSources().packages).length).toBeGreaterThan(30);
});

test("packages that are what their digests say are unpacked, and what lay there before is gone", () => {
  mkdirSync(into);
  writeFileSync(join(into, "old"), "");
  const { words } = openSources(sources, folder, into);
  expect(readFileSync(join(words, "words.json"), "utf8")).toBe('["zebra"]');
  expect(existsSync(join(into, "old"))).toBe(false);
});

test.each([
  ["there is none of that name", () => undefined],
  ["git-doc_2_all.deb has other bytes", () => writeFileSync(join(folder, "git-doc_2_all.deb"), "another release")],
])("a package that is not there as it was is refused by name before anything is unpacked: %s", (why, put) => {
  put();
  const packages = { "git-doc": { version: "2", sha256: "0".repeat(64) } };
  expect(() => openSources({ ...sources, packages }, folder, into)).toThrow(`git-doc 2 is not in ${folder}: ${why}`);
  expect(existsSync(into)).toBe(false);
});
