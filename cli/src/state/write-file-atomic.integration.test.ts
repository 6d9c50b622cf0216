import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runProgram } from "../../../test/support/run-program.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

test("writes exactly the content and the mode, and leaves nothing else in the folder", () => {
  const folder = temporaryFolder();
  writeFileAtomic(join(folder, "secret"), "ä\n\0", 0o600);
  expect(readFileSync(join(folder, "secret"), "utf8")).toBe("ä\n\0");
  expect(statSync(join(folder, "secret")).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["secret"]);
});

test("sets the mode whatever the umask says", () => {
  const path = join(temporaryFolder(), "public");
  const before = process.umask(0o077);
  try {
    writeFileAtomic(path, "x", 0o644);
  } finally {
    process.umask(before);
  }
  expect(statSync(path).mode & 0o777).toBe(0o644);
});

test("replaces a longer file as a whole, with the new mode, as another file", () => {
  const path = join(temporaryFolder(), "config.json");
  writeFileSync(path, "a long content that was here before", { mode: 0o666 });
  const before = statSync(path).ino;
  writeFileAtomic(path, "short", 0o600);
  expect(readFileSync(path, "utf8")).toBe("short");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(path).ino).not.toBe(before);
});

test("leaves the old content when the disk is full", async () => {
  const path = join(temporaryFolder(), "config.json");
  writeFileSync(path, "old");
  const fixture = join(import.meta.dirname, "../../../test/fault/fixtures/full-disk.ts");
  const wrapper = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh"];
  const ended = await runProgram(fixture, ["file", path], { wrapper });
  expect(ended).toMatchObject({ code: 0, stdout: '{"refused":"EFBIG"}' });
  expect(readFileSync(path, "utf8")).toBe("old");
});

test("throws when the folder does not exist", () => {
  expect(() => writeFileAtomic(join(temporaryFolder(), "none", "x"), "x", 0o600)).toThrow("ENOENT");
});
