import type { Near, VectorIndex } from "./vector-index.ts";

/** A vector with one byte a number, and what a byte of it is worth. */
export interface ByteVector {
  readonly bytes: Int8Array;
  readonly scale: number;
}

/**
 * Vectors of passages by slot, one byte a number, compared one by one: nothing near is missed, at any size. A byte instead of four is what makes
 * 20,000 passages fit beside everything else; it moves a likeness by about 0.001.
 */
export class ExactIndex implements VectorIndex {
  readonly kind = "exact";
  readonly dims: number;
  private matrix: Int8Array;
  /** What a byte of the vector is worth. */
  private scales = new Float32Array(256);
  private has: Uint8Array;
  private held = 0;

  constructor(dims: number) {
    this.dims = dims;
    this.matrix = new Int8Array(256 * dims);
    this.has = new Uint8Array(256);
  }

  /** Passages that have a vector. */
  get size(): number {
    return this.held;
  }

  set(slot: number, vector: Float32Array): void {
    this.hold(slot);
    this.scales[slot] = toBytes(vector, this.matrix, slot * this.dims);
  }

  /** A vector as `bytesAt` gave it. */
  setBytes(slot: number, { bytes, scale }: ByteVector): void {
    this.hold(slot);
    this.matrix.set(bytes, slot * this.dims);
    this.scales[slot] = scale;
  }

  remove(slot: number): void {
    if (this.has[slot] === 1) this.held -= 1;
    if (slot < this.has.length) this.has[slot] = 0;
  }

  isSet(slot: number): boolean {
    return this.has[slot] === 1;
  }

  /** Slots that have a vector, in their order. */
  slots(): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot < this.has.length; slot++) if (this.has[slot] === 1) slots.push(slot);
    return slots;
  }

  /** A copy of what is held; null when the slot has none. */
  bytesAt(slot: number): ByteVector | null {
    if (this.has[slot] !== 1) return null;
    const bytes = this.matrix.slice(slot * this.dims, (slot + 1) * this.dims);
    return { bytes, scale: this.scales[slot] ?? 0 };
  }

  /** The vector as its bytes give it; null when the slot has none. */
  vectorAt(slot: number): Float32Array | null {
    if (this.has[slot] !== 1) return null;
    const scale = this.scales[slot] ?? 0;
    return Float32Array.from(this.matrix.subarray(slot * this.dims, (slot + 1) * this.dims), (byte) => byte * scale);
  }

  /** Inner product of two passages' vectors; 0 when one has none. */
  likeness(slot: number, other: number): number {
    if (this.has[slot] !== 1 || this.has[other] !== 1) return 0;
    const product = this.product(this.matrix, slot * this.dims, other * this.dims);
    return product * (this.scales[slot] ?? 0) * (this.scales[other] ?? 0);
  }

  /** Likeness of passages to one question, as `nearest` counts it. */
  scorer(query: Float32Array): (slot: number) => number {
    const asked = new Int8Array(this.dims);
    const scale = toBytes(query, asked, 0);
    return (slot) => this.product(asked, 0, slot * this.dims) * scale * (this.scales[slot] ?? 0);
  }

  /** The `limit` nearest by inner product, best first, ties by slot; only what is alike at all (a product above 0). */
  nearest(query: Float32Array, limit: number, accepts: (slot: number) => boolean): Near[] {
    const { has } = this;
    const scoreOf = this.scorer(query);
    const best: Near[] = [];
    let floor = 0;
    for (let slot = 0; slot < has.length; slot++) {
      if (has[slot] !== 1) continue;
      const score = scoreOf(slot);
      if (score <= floor || !accepts(slot)) continue;
      best.push({ slot, score });
      if (best.length >= limit * 2) {
        best.sort(byScore);
        best.length = limit;
        floor = best.at(-1)?.score ?? 0;
      }
    }
    return best.sort(byScore).slice(0, limit);
  }

  /** Sums in four parts, which the processor adds up side by side. */
  private product(left: Int8Array, atLeft: number, atRight: number): number {
    const { dims, matrix } = this;
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    let k = 0;
    for (; k + 3 < dims; k += 4) {
      first += (left[atLeft + k] ?? 0) * (matrix[atRight + k] ?? 0);
      second += (left[atLeft + k + 1] ?? 0) * (matrix[atRight + k + 1] ?? 0);
      third += (left[atLeft + k + 2] ?? 0) * (matrix[atRight + k + 2] ?? 0);
      fourth += (left[atLeft + k + 3] ?? 0) * (matrix[atRight + k + 3] ?? 0);
    }
    for (; k < dims; k++) first += (left[atLeft + k] ?? 0) * (matrix[atRight + k] ?? 0);
    return first + second + third + fourth;
  }

  private hold(slot: number): void {
    if (slot >= this.has.length) this.grow(slot + 1);
    if (this.has[slot] !== 1) this.held += 1;
    this.has[slot] = 1;
  }

  private grow(needed: number): void {
    const slots = Math.max(needed, Math.ceil(this.has.length * 1.5));
    const matrix = new Int8Array(slots * this.dims);
    matrix.set(this.matrix);
    const has = new Uint8Array(slots);
    has.set(this.has);
    const scales = new Float32Array(slots);
    scales.set(this.scales);
    this.scales = scales;
    this.matrix = matrix;
    this.has = has;
  }
}

/** Writes a vector as bytes and answers what a byte is worth. */
function toBytes(vector: Float32Array, into: Int8Array, at: number): number {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  const scale = largest / 127 || 1;
  for (let k = 0; k < vector.length; k++) into[at + k] = Math.round((vector[k] ?? 0) / scale);
  return scale;
}

function byScore(a: Near, b: Near): number {
  return b.score - a.score || a.slot - b.slot;
}
