/** What npm would compile for another architecture: without a compiler for it, it is gone as if npm had left it out. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { compilePackages, findCompiler, leftOut } from "./compiled-packages.ts";

const { signal } = new AbortController();
const LOCK = JSON.stringify({ packages: { "node_modules/hnswlib-node": { optional: true }, "node_modules/ms": {} } });
let root: string;
let said: string[];

beforeEach(() => {
  root = temporaryFolder();
  said = [];
  for (const name of ["hnswlib-node", "ms"]) {
    mkdirSync(join(root, "node_modules", name), { recursive: true });
    writeFileSync(join(root, "node_modules", name, "package.json"), "{}");
  }
  writeFileSync(join(root, "node_modules/.package-lock.json"), LOCK);
});

const record = (): unknown => JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8"));
const compile = (compiler: Parameters<typeof compilePackages>[1]["compiler"]) =>
  compilePackages(
    root,
    { architecture: "arm64", compiler, npm: root, headers: root },
    (line) => void said.push(line),
    signal,
  );

test.each([
  ["there is no compiler", null, /no C\+\+ compiler for arm64 is here/],
  ["the compiler fails", { prefix: "none", version: "1" }, /hnswlib-node could not be compiled for arm64/],
])("is left out, and out of npm's record, where %s, which is said", async (_what, compiler, reason) => {
  expect(leftOut(root, LOCK)).toEqual([]);
  await compile(compiler);
  expect(existsSync(join(root, "node_modules/hnswlib-node"))).toBe(false);
  expect(record()).toEqual({ packages: { "node_modules/ms": {} } });
  expect(said.at(-1)).toMatch(/^hnswlib-node is left out: /);
  expect(said.at(-1)).toMatch(reason);
  expect(leftOut(root, LOCK)).toEqual(["hnswlib-node: search compares every vector"]);
});

test("a compiler is found by the name that Debian gives it, and asked for its version", async () => {
  const folder = temporaryFolder();
  vi.stubEnv("PATH", `${folder}:/usr/bin:/bin`);
  writeFileSync(join(folder, "aarch64-linux-gnu-g++"), '#!/bin/sh\necho "g++ 12.2.0 for $1"\necho more\n', {
    mode: 0o755,
  });
  expect(await findCompiler("arm64", signal)).toEqual({
    prefix: "aarch64-linux-gnu",
    version: "g++ 12.2.0 for --version",
  });
  expect(await findCompiler("riscv64", signal), "for which Node is not pinned").toBeNull();
  vi.unstubAllEnvs();
});
