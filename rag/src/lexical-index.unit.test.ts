import { expect, test } from "vitest";
import { buildLexicalIndex } from "./lexical-index.ts";
import { tokenize } from "./tokenize.ts";

const documents = [
  {
    collection: "memory",
    path: "memory/ports.md",
    content: "# A port proves nothing\n\nAssert identity, not a 200.\n",
  },
  { collection: "memory", path: "memory/claims.md", content: "# Claims\n\nThe fence is the claim_epoch of the row.\n" },
  { collection: "log", path: "log/2026-01-01.md", content: "# Day one\n\nThe port was taken by another engine.\n" },
] as const;

test("names from code are found whole and in parts", () => {
  expect(tokenize("claim_epoch claimEpoch bring-up v1.2.3 #31.")).toEqual(
    expect.arrayContaining(["claim_epoch", "claim", "epoch", "claimepoch", "bring-up", "bring", "v1.2.3", "#31"]),
  );
});

test("a match in a heading ranks above one in the text", () => {
  const hits = buildLexicalIndex(documents).search("port", 10);
  expect(hits.map((hit) => hit.path)).toEqual(["memory/ports.md", "log/2026-01-01.md"]);
});

test("a hit cites its lines", () => {
  const [hit] = buildLexicalIndex(documents).search("epoch", 1);
  expect(hit).toMatchObject({
    citation: "memory/claims.md#L1-L3",
    lines: { start: 1, end: 3 },
    text: "# Claims\n\nThe fence is the claim_epoch of the row.",
    headings: ["Claims"],
  });
});

test("a word that occurs nowhere finds nothing", () => {
  expect(buildLexicalIndex(documents).search("zeppelin", 10)).toEqual([]);
});

test("the same question gives the same answer whatever the order of the files", () => {
  const forwards = buildLexicalIndex(documents).search("the port of the claim", 10);
  const backwards = buildLexicalIndex([...documents].reverse()).search("the port of the claim", 10);
  expect(backwards).toEqual(forwards);
});
