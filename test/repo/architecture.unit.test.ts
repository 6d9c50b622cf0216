/** The page that says how Muster is made: short enough to be read whole, and it names what is generated. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "./source-files.ts";

const PAGE = "ARCHITECTURE.md";
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const isTooLong = (text: string) => text.trimEnd().split("\n").length > 250;

/** Pages that a generator wrote, as their first lines say, and that the page's paragraph about them leaves out. */
function unnamed(pages: readonly string[], text: string): readonly string[] {
  const paragraph = /\*\*Generated\*\*[\s\S]*?(\n\n|$)/.exec(text)?.[0] ?? "";
  return pages.filter((page) => !paragraph.includes(`\`${page}\``));
}

it("ARCHITECTURE.md has no more than 250 lines", () => {
  expect(isTooLong(read(PAGE))).toBe(false);
  expect(isTooLong("a line\n".repeat(250))).toBe(false);
  expect(isTooLong("a line\n".repeat(251))).toBe(true);
});

it("ARCHITECTURE.md names every page that is generated", () => {
  const generated = readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md") && /generated/i.test(read(`docs/${name}`).slice(0, 300)))
    .map((name) => name.replace(".md", ""));
  expect(generated).toEqual(expect.arrayContaining(["checks", "cli", "clients", "config", "errors", "transitions"]));
  expect(unnamed([...generated, "docs/openapi-rag.json", "board/manifest.json"], read(PAGE))).toEqual([]);
  expect(unnamed(["cli", "transitions"], "**Generated**: `cli`.\n\n`transitions`")).toEqual(["transitions"]);
});
