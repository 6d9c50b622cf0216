import { type DotKernel, ROWS_AT_ONCE } from "./dot-kernel.ts";

/** The products of `makeDotKernel`, summed in JavaScript: the same numbers, twenty times slower. */
export function makePlainKernel(dims: number): DotKernel {
  const query = new Int8Array(dims);
  const out = new Int32Array(ROWS_AT_ONCE);
  let rows = new Int8Array(0);
  return {
    stride: dims,
    query,
    get rows() {
      return rows;
    },
    grow(count) {
      if (count * dims <= rows.length) return;
      const larger = new Int8Array(count * dims);
      larger.set(rows);
      rows = larger;
    },
    scores(first, count) {
      for (let n = 0; n < count; n++) out[n] = sum(query, 0, rows, (first + n) * dims, dims);
      return out;
    },
    product: (row, other) => sum(rows, row * dims, rows, other * dims, dims),
  };
}

/** In four parts, which the processor adds up side by side. */
function sum(left: Int8Array, atLeft: number, right: Int8Array, atRight: number, dims: number): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let k = 0;
  for (; k + 3 < dims; k += 4) {
    first += (left[atLeft + k] ?? 0) * (right[atRight + k] ?? 0);
    second += (left[atLeft + k + 1] ?? 0) * (right[atRight + k + 1] ?? 0);
    third += (left[atLeft + k + 2] ?? 0) * (right[atRight + k + 2] ?? 0);
    fourth += (left[atLeft + k + 3] ?? 0) * (right[atRight + k + 3] ?? 0);
  }
  for (; k < dims; k++) first += (left[atLeft + k] ?? 0) * (right[atRight + k] ?? 0);
  return first + second + third + fourth;
}
