import { expect, test } from "vitest";
import { hashSeed } from "./seed-hash.ts";

test("the order of keys does not change the hash, the order of rows does", () => {
  expect(hashSeed([{ a: 1, b: { c: 2, d: 3 } }])).toBe(hashSeed([{ b: { d: 3, c: 2 }, a: 1 }]));
  expect(hashSeed([1, 2])).not.toBe(hashSeed([2, 1]));
});

test("an absent key and an undefined one are the same, null is not", () => {
  expect(hashSeed({ a: undefined })).toBe(hashSeed({}));
  expect(hashSeed({ a: null })).not.toBe(hashSeed({}));
});

test("values that look alike in text differ", () => {
  expect(hashSeed(["1,2"])).not.toBe(hashSeed(["1", "2"]));
  expect(hashSeed("1")).not.toBe(hashSeed(1));
});
