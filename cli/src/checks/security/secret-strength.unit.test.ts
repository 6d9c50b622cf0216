import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { entropyBits } from "./secret-strength.ts";

test.each([
  ["", 0],
  ["aaaaaaaaaaaaaaaa", 0],
  ["abababab", 8],
  ["abcdabcdabcdabcd", 32],
])("finds in %j %i bits", (text, bits) => {
  expect(entropyBits(text)).toBeCloseTo(bits, 6);
});

test("finds over 128 bits in 32 random bytes as hex, every time", () => {
  for (let round = 0; round < 200; round++) expect(entropyBits(randomBytes(32).toString("hex"))).toBeGreaterThan(180);
});
