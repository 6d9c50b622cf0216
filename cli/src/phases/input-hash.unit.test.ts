import { expect, test } from "vitest";
import { inputHash } from "./input-hash.ts";

test("does not depend on the order of object keys, at any depth", () => {
  expect(inputHash({ a: 1, b: { c: [1, { d: 2, e: 3 }] } })).toBe(inputHash({ b: { c: [1, { e: 3, d: 2 }] }, a: 1 }));
});

test("depends on the order of lists", () => {
  expect(inputHash([1, 2])).not.toBe(inputHash([2, 1]));
});

test.each([
  [{ a: 1 }, { a: "1" }],
  [{ a: null }, {}],
  ["", null],
  [[], {}],
])("tells %j from %j", (left, right) => {
  expect(inputHash(left)).not.toBe(inputHash(right));
});

test("is a sha256 in hex", () => {
  expect(inputHash("x")).toMatch(/^[0-9a-f]{64}$/);
});
