import { expect, test } from "vitest";
import { chunkMarkdown } from "./chunk-markdown.ts";

const linesOf = (content: string, start: number, end: number): string =>
  content
    .split("\n")
    .slice(start - 1, end)
    .join("\n");

test("each heading starts a chunk that knows the headings above it", () => {
  const chunks = chunkMarkdown("# A\n\none\n\n## B\n\ntwo\n\n## C\n\nthree\n");
  expect(chunks.map((chunk) => [chunk.headings, chunk.lineStart, chunk.lineEnd])).toEqual([
    [["A"], 1, 3],
    [["A", "B"], 5, 7],
    [["A", "C"], 9, 11],
  ]);
});

test("the text of a chunk is its lines, byte for byte", () => {
  const content = "\uFEFF# Title \r\n\r\n  indented\ttab  \r\n\r\n## Next\nümlaut — 漢字\n\n\n";
  const chunks = chunkMarkdown(content);
  expect(chunks).toHaveLength(2);
  for (const chunk of chunks) expect(chunk.text).toBe(linesOf(content, chunk.lineStart, chunk.lineEnd));
});

test("a hash inside a code fence is no heading, and a fence is never cut", () => {
  const fence = `\`\`\`sh\n# not a heading\n\n${"echo long line of shell\n\n".repeat(120)}\`\`\``;
  const chunks = chunkMarkdown(`# A\n\nbefore\n\n${fence}\n\nafter\n`);
  expect(chunks.every((chunk) => chunk.headings.join() === "A")).toBe(true);
  expect(chunks.some((chunk) => chunk.text.includes(fence))).toBe(true);
});

test("a long section is cut at blank lines and loses nothing", () => {
  const paragraph = "word ".repeat(60).trim();
  const content = `# A\n\n${Array.from({ length: 20 }, () => paragraph).join("\n\n")}\n`;
  const chunks = chunkMarkdown(content);
  expect(chunks.length).toBeGreaterThan(2);
  const words = chunks.map((chunk) => chunk.text.match(/word/g)?.length ?? 0);
  expect(words.reduce((sum, count) => sum + count, 0)).toBe(20 * 60);
});

test("a heading without text of its own stays with the section below it", () => {
  expect(chunkMarkdown("# A\n\n## B\n\ntext\n").map((chunk) => chunk.text)).toEqual(["# A\n\n## B\n\ntext"]);
});

test("front matter is not text", () => {
  const chunks = chunkMarkdown("---\ntitle: x\n---\n# A\n\ntext\n");
  expect(chunks.map((chunk) => [chunk.lineStart, chunk.text])).toEqual([[4, "# A\n\ntext"]]);
});

test.each(["", "\n\n", "---\ntitle: x\n---\n"])(
  "nothing but blank lines or front matter gives no chunk: %j",
  (content) => {
    expect(chunkMarkdown(content)).toEqual([]);
  },
);
