import { expect, test } from "vitest";
import { frontMatterLength } from "../corpus/front-matter.ts";
import { chunkLog, chunkMarkdown } from "./chunk-markdown.ts";

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

test("a table is kept whole although its section is cut", () => {
  const table = [
    "| a | b |",
    "| - | - |",
    ...Array.from({ length: 60 }, (_, row) => `| ${row} | ${"cell ".repeat(8)}|`),
  ];
  const prose = "word ".repeat(200).trim();
  const chunks = chunkMarkdown(`# A\n\n${prose}\n\n${table.join("\n")}\n\n${prose}\n`);
  expect(chunks.some((chunk) => chunk.text.includes(table.join("\n")))).toBe(true);
});

test("a paragraph without a blank line is cut between lines, and code past its limit too", () => {
  const line = "x".repeat(100);
  const paragraph = chunkMarkdown(Array.from({ length: 40 }, () => line).join("\n"));
  expect(paragraph.length).toBeGreaterThan(2);
  expect(Math.max(...paragraph.map((chunk) => chunk.text.length))).toBeLessThanOrEqual(1_600);
  const code = chunkMarkdown(`\`\`\`\n${Array.from({ length: 400 }, () => line).join("\n")}\n\`\`\``);
  expect(code.length).toBe(3);
});

test.each([
  ["Title\n=====\n\ntext\n\nPart\n---\n\nmore\n", [["Title"], ["Title", "Part"]]],
  ["# A\n\n- item\n---\n\ntext\n", [["A"]]],
  ["# A ##\r\n\r\ntext\r\n\r\n## B\r\n\r\ntext\r\n", [["A"], ["A", "B"]]],
  ["#hash\n\ntext\n", [[]]],
  ["```js\nlet a\n``` not the end\n# no\n```\n\n# yes\n\ntext\n", [[], ["yes"]]],
  ["- item\n\n  ```sh\n  # no\n  ```\n", [[]]],
  ["text\n\n```\n# never closed\n", [[]]],
])("headings are told from what looks like one, case %#", (content, headings) => {
  expect(chunkMarkdown(content).map((chunk) => chunk.headings)).toEqual(headings);
});

test("each entry of a log is one chunk, whole, and the day's own text is another", () => {
  const long = "word ".repeat(600).trim();
  const content = `# 2026-01-01\n\nA day.\n\n## 10:00 One\n\n${long}\n\n### Detail\n\nmore\n\n\`\`\`\n## no entry\n\`\`\`\n\n## 10:05 Two\n\nx\n`;
  const chunks = chunkLog(content);
  expect(chunks.map((chunk) => chunk.headings)).toEqual([
    ["2026-01-01"],
    ["2026-01-01", "10:00 One"],
    ["2026-01-01", "10:05 Two"],
  ]);
  expect(chunks[1]?.text).toContain("## no entry");
});

test("whatever the text, the chunks are its lines, in order, and together hold every word outside the front matter", () => {
  const pieces = [
    "# H",
    "Title\n===",
    "```\n# c\n\n```",
    "~~~",
    "| a |\n|---|\n| b |",
    "text\r",
    "",
    "\uFEFF# x",
    "> q",
    "---",
    "- l",
  ];
  let seed = 7;
  const next = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed;
  };
  for (let round = 0; round < 300; round++) {
    const content = Array.from(
      { length: next() % 30 },
      (_, index) => `${pieces[next() % pieces.length]} w${index}`,
    ).join("\n");
    for (const chunks of [chunkMarkdown(content), chunkLog(content)]) {
      let last = 0;
      for (const chunk of chunks) {
        expect(chunk.text).toBe(linesOf(content, chunk.lineStart, chunk.lineEnd));
        expect(chunk.lineStart).toBeGreaterThan(last);
        last = chunk.lineEnd;
      }
      const skipped = frontMatterLength(content.split("\n"));
      const words = content.split("\n").slice(skipped).join("\n").match(/w\d+/g) ?? [];
      expect(chunks.flatMap((chunk) => chunk.text.match(/w\d+/g) ?? [])).toEqual(words);
    }
  }
});
