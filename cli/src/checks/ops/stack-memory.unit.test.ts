import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import type { PartUse } from "../../stack/memory-use.ts";
import { judgeMemory } from "./stack-memory.ts";

const MIB = 1024 * 1024;
const part = (name: string, pss: number, rss: number): PartUse => ({
  part: name,
  use: { processes: 1, pssBytes: pss * MIB, rssBytes: rss * MIB },
});
const parts = [part("postgres", 150, 480), part("directus", 300, 330)];

test("a stack within its budget says what each part takes, the largest first", () => {
  expect(judgeMemory(parts, 896)).toEqual({
    status: "pass",
    evidence: "450 of 896 MiB (PSS; RSS 810): directus 300, postgres 150",
  });
});

test("shared pages are counted once: RSS above the budget is no failure", () => {
  expect(judgeMemory(parts, 500)).toMatchObject({ status: "pass" });
});

test("a stack that grew past its budget is named, and so is one of which nothing runs", () => {
  expectRed("OPS-01", judgeMemory(parts, 449), /^450 of 449 MiB .*: directus 300, postgres 150$/);
  expectRed("OPS-01", judgeMemory([], 896), /^nothing runs$/);
});

test("what this user may not look at is not guessed", () => {
  expect(judgeMemory([...parts, { part: "rag", use: null }], 1)).toEqual({
    status: "skip",
    because: "the memory of rag may not be looked at by this user",
  });
});
