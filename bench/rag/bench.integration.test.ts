/** The benchmark itself, in small: it comes to its end, and says what it could not measure. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { goalsOf } from "./goals.ts";
import type { Result } from "./result.ts";

const bench = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, "bench.ts"), ...args], { encoding: "utf8" });
const read = (base: string): Result => JSON.parse(readFileSync(`${base}.json`, "utf8"));

test("the real service is started, asked, written under and ended, and every goal of it has a figure", () => {
  const base = join(temporaryFolder(), "result");
  const small = ["--chunks", "100", "--searches", "20", "--saves", "1", "--boots", "1", "--files", "10"];
  const { status, stderr } = bench("--only", "cold,service", ...small, "--out", base);
  expect(status, stderr).toBe(0);
  const { rows, form } = read(base);
  expect(form).toBe("try");
  expect(rows.map(({ id }) => id)).toEqual([...Object.keys(goalsOf("cold")), ...Object.keys(goalsOf("service"))]);
  expect(rows.filter(({ value }) => value === null)).toEqual([]);
  // Right at any size; the others are the machine's.
  expect(rows.filter(({ unit }) => unit === "%").map(({ value }) => value)).toEqual([100, 100]);
  expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(["not the asked form", "reported"]));
  expect(readFileSync(`${base}.md`, "utf8")).toContain("| search over HTTP, p50 |");
});

test("a set that is not there ends with code 1 and a row for each of its goals, and the other parts are measured and kept", () => {
  const folder = temporaryFolder();
  const base = join(folder, "result");
  const asked = ["--only", "cranfield,memory", "--cranfield", folder];
  const { status, stdout, stderr } = bench(...asked, "--json", "--out", base);
  expect(status).toBe(1);
  expect(stderr).toContain("Not measured: Cranfield: BM25F");
  const verdictsOf = (part: string) =>
    new Set((JSON.parse(stdout) as Result).rows.filter((row) => row.part === part).map(({ verdict }) => verdict));
  expect(verdictsOf("cranfield")).toEqual(new Set(["not measured"]));
  expect(verdictsOf("memory")).not.toContain("not measured");
  // A part that is measured again takes the place of its rows, and of no other's.
  expect(bench("--only", "memory", "--out", base).status).toBe(0);
  const parts = read(base).rows.map(({ part }) => part);
  expect(parts).toEqual([
    ...Object.keys(goalsOf("cranfield")).map(() => "cranfield"),
    ...Object.keys(goalsOf("memory")).map(() => "memory"),
  ]);
});

test("an unknown part and a size that is none are refused with code 2 and a way on, before anything is measured", () => {
  const base = join(temporaryFolder(), "result");
  expect(bench("--only", "speed", "--out", base)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("there is cranfield, memory, recall, scale, cold, service"),
  });
  expect(bench("--chunks", "15", "--out", base)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--chunks 15: a whole number, a multiple of 10"),
  });
  expect(existsSync(`${base}.json`)).toBe(false);
});
