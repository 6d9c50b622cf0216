import { expect, test } from "vitest";
import { readFrontMatter } from "./front-matter.ts";

test("front matter gives title, tags, date and what it replaces", () => {
  const text = "---\r\ntitle: T\r\ntags: [a, 2]\r\nsupersedes: old.md\r\ndate: 2026-01-02\r\n---\r\n# x\r\n";
  expect(readFrontMatter(text)).toMatchObject({
    valid: true,
    value: { title: "T", tags: ["a", "2"], supersedes: ["old.md"], atMs: Date.UTC(2026, 0, 2) },
  });
});

test.each(["", "# x\n", "---\nnever closed\n", "---\n---\n"])("no front matter is not an error: %j", (text) => {
  expect(readFrontMatter(text)).toMatchObject({ valid: true, value: { tags: [], atMs: null } });
});

test.each(["---\n[\n---\n", "---\na: b: c\n---\n", "---\n- list\n---\n"])(
  "front matter that is not one is said so: %j",
  (text) => {
    expect(readFrontMatter(text).valid).toBe(false);
  },
);

test("one wrong field does not lose the others", () => {
  expect(readFrontMatter("---\ntitle: [1]\ntags: [a]\ndate: soon\n---\n").value).toMatchObject({
    title: null,
    tags: ["a"],
    atMs: null,
  });
});
