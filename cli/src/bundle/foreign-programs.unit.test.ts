import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { elfFile } from "../../../test/support/elf-file.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { findPrograms } from "./foreign-programs.ts";

function folderOf(files: Readonly<Record<string, Buffer | string>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

test("a program of another architecture is found wherever it lies and whatever it is called", () => {
  const folder = folderOf({
    "a/addon.node": elfFile("x64"),
    "a/tool": elfFile("x64"),
    "a/readme.md": "x64",
    "a/empty": "",
    "b/lib/lib.so.1": elfFile("arm64"),
  });
  const { foreign, beside } = findPrograms(folder, [""], "arm64");
  expect(foreign).toEqual([
    { path: "a/addon.node", architecture: "x64" },
    { path: "a/tool", architecture: "x64" },
  ]);
  expect(beside).toEqual([]);
  expect(findPrograms(folder, ["b"], "arm64").foreign).toEqual([]);
  expect(findPrograms(folder, ["b"], "x64").foreign).toEqual([{ path: "b/lib/lib.so.1", architecture: "arm64" }]);
});

test("what a package carries for other systems stays out only where the same for this one stands beside it", () => {
  const folder = folderOf({
    "argon2/prebuilds/linux-arm64/argon2.armv8.node": elfFile("arm64"),
    "argon2/prebuilds/linux-x64/argon2.node": elfFile("x64"),
    "argon2/prebuilds/freebsd-arm64/argon2.node": elfFile("arm64"),
    "oracledb/oracledb-6-linux-arm64.node": elfFile("arm64"),
    "oracledb/oracledb-6-linux-x64.node": elfFile("x64"),
    "@img/sharp-linux-x64/lib/sharp.node": elfFile("x64"),
  });
  const { foreign, beside } = findPrograms(folder, [""], "arm64");
  expect([...beside].sort()).toEqual([
    "argon2/prebuilds/freebsd-arm64",
    "argon2/prebuilds/linux-x64",
    "oracledb/oracledb-6-linux-x64.node",
  ]);
  expect(foreign).toEqual([{ path: "@img/sharp-linux-x64/lib/sharp.node", architecture: "x64" }]);
});

test("the glibc that is asked for is the newest that any program names, as a number, and links are not followed", () => {
  const folder = folderOf({
    "one.so": elfFile("arm64", "GLIBC_2.9\0GLIBC_2.17\0GLIBC_PRIVATE\0"),
    "two.so": elfFile("arm64", "GLIBC_2.4\0"),
    "elsewhere/three.so": elfFile("x64", "GLIBC_2.99\0"),
  });
  symlinkSync("elsewhere", join(folder, "link"));
  expect(findPrograms(folder, ["one.so", "two.so", "link"], "arm64")).toEqual({
    beside: [],
    foreign: [],
    glibc: "2.17",
  });
  expect(findPrograms(folder, ["two.so"], "x64").glibc, "of what is packed for that machine").toBeNull();
});
