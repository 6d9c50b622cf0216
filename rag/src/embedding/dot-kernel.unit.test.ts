import { expect, test } from "vitest";
import { HAS_SIMD, makeDotKernel, ROWS_AT_ONCE } from "./dot-kernel.ts";
import { makePlainKernel } from "./plain-kernel.ts";

let state = 41;
const byte = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return ((state >>> 8) % 255) - 127;
};

test.runIf(HAS_SIMD).each([1, 15, 16, 17, 128, 384, 1_024])(
  "rows of %i bytes: the same products as plain sums, of the largest numbers too (needs SIMD)",
  (dims) => {
    const fast = makeDotKernel(dims);
    const plain = makePlainKernel(dims);
    if (fast === null) throw new Error("There is SIMD, and no kernel.");
    const rows = ROWS_AT_ONCE + 3;
    for (const kernel of [fast, plain]) {
      kernel.grow(2);
      kernel.rows[kernel.stride] = 5;
      // What was there stays while the memory grows.
      kernel.grow(rows);
      expect(kernel.rows[kernel.stride]).toBe(5);
    }
    for (let row = 0; row < rows; row++)
      for (let k = 0; k < dims; k++) {
        const value = row === 0 ? -128 : row === 1 ? 127 : byte();
        fast.rows[row * fast.stride + k] = value;
        plain.rows[row * plain.stride + k] = value;
      }
    for (let k = 0; k < dims; k++) {
      fast.query[k] = k % 2 === 0 ? -128 : byte();
      plain.query[k] = fast.query[k] ?? 0;
    }
    expect([...fast.scores(0, ROWS_AT_ONCE)]).toEqual([...plain.scores(0, ROWS_AT_ONCE)]);
    expect([...fast.scores(ROWS_AT_ONCE, 3)].slice(0, 3)).toEqual([...plain.scores(ROWS_AT_ONCE, 3)].slice(0, 3));
    for (const [row, other] of [
      [0, 0],
      [0, 1],
      [2, rows - 1],
    ] as const)
      expect(fast.product(row, other)).toBe(plain.product(row, other));
  },
);

test("rows that are longer than their place are left to plain sums", () => {
  expect(makeDotKernel(4_097)).toBeNull();
});
