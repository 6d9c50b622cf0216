import { expect, test } from "vitest";
import { TermTable } from "./term-table.ts";

const TERMS = ["a", "ab", "abc", "=v1.2.3", "zürich", "漢字", "b", ...Array.from({ length: 5_000 }, (_, n) => `w${n}`)];

function filled(terms: readonly string[]): TermTable {
  const table = new TermTable();
  for (const term of terms) table.add(term);
  return table;
}

test("terms that were written are found under their numbers, and no other is", () => {
  const kept = new TermTable(filled(TERMS).joined());
  expect(TERMS.map((term) => kept.get(term))).toEqual(TERMS.map((_, id) => id));
  for (const term of ["", "c", "abcd", "w5000", "w", "zurich", "漢", "a\nab"])
    expect([term, kept.get(term)]).toEqual([term, undefined]);
  expect(kept.size).toBe(TERMS.length);
});

test("what comes after a start counts on, and is written behind what was there", () => {
  const kept = new TermTable(filled(TERMS).joined());
  expect([kept.add("late"), kept.get("late"), kept.size]).toEqual([TERMS.length, TERMS.length, TERMS.length + 1]);
  const again = new TermTable(kept.joined());
  expect([again.get("w4999"), again.get("late"), again.size]).toEqual([TERMS.length - 1, TERMS.length, kept.size]);
});

test("no term at all is no term when it is read back", () => {
  const none = new TermTable(new TermTable().joined());
  expect([none.size, none.get("a"), none.joined().length]).toEqual([0, undefined, 0]);
  expect([none.add("a"), new TermTable(none.joined()).get("a")]).toEqual([0, 0]);
});
