/** The table of false greens in docs/compose.md: each row's test is there, under that name. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..", "..");
const [, table = ""] = readFileSync(join(ROOT, "docs/compose.md"), "utf8").split("## What looked green elsewhere");
const rows = [...table.matchAll(/^\| (?<believed>[^|]+) \| `(?<file>[^`]+)` \| (?<title>[^|]+) \|$/gm)].map(
  ({ groups: { believed = "", file = "", title = "" } = {} }) => ({ believed, file, title }),
);

describe("the guard against a false green", () => {
  test("is named for each that was seen elsewhere", () => {
    expect(rows.length).toBe(17);
    expect(new Set(rows.map(({ believed }) => believed)).size).toBe(rows.length);
  });

  test.each(rows)("is a test that exists: $believed", ({ file, title }) => {
    expect(existsSync(join(ROOT, file)), file).toBe(true);
    expect(readFileSync(join(ROOT, file), "utf8")).toContain(`"${title}"`);
  });
});
