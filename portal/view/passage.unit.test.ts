import { expect, it } from "vitest";
import { flowPassage } from "./passage.ts";

it("lets the lines of a paragraph and of a list item flow, and keeps paragraphs and items apart", () => {
  expect(flowPassage("A port proves\nnothing.\n\nSo each service\nsigns.\n\n- One item\n  goes on.\n- Another.")).toBe(
    "A port proves nothing.\n\nSo each service signs.\n\n- One item goes on.\n- Another.",
  );
});

it.each([
  ["code", "```\nfirst\nsecond\n```\nThen words."],
  ["a table", "| a | b |\n|---|---|\n| 1 | 2 |"],
  ["a heading above words", "# Health\nA check that did not run is red."],
  ["numbered steps", "1. Claim.\n2. Work."],
  ["nothing", ""],
])("leaves %s as it is", (_, text) => {
  expect(flowPassage(text)).toBe(text);
});
