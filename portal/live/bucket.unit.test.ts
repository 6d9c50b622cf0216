import { expect, test } from "vitest";
import { Bucket } from "./bucket.ts";

test("a burst passes, then so many a second, and a rest fills it up to its size only", () => {
  const bucket = new Bucket(3, 2);
  expect([0, 0, 0].map((now) => bucket.take(now))).toEqual([0, 0, 0]);
  expect(bucket.take(0)).toBe(1);
  expect(bucket.take(500)).toBe(0);
  expect(bucket.take(500)).toBe(1);
  expect([9_999, 9_999, 9_999].map((now) => bucket.take(now))).toEqual([0, 0, 0]);
  expect(bucket.take(9_999)).toBe(1);
});
