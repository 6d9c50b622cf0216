import { type DotKernel, makeDotKernel, ROWS_AT_ONCE } from "./dot-kernel.ts";
import { makePlainKernel } from "./plain-kernel.ts";
import type { Near, VectorIndex } from "./vector-index.ts";

/** A vector with one byte a number, and what a byte of it is worth. */
export interface ByteVector {
  readonly bytes: Int8Array;
  readonly scale: number;
}

const SMALLEST = 256;

/**
 * Vectors of passages by slot, one byte a number, compared one by one: nothing near is missed, at any size. A byte instead of four is what makes
 * 20,000 passages fit beside everything else; it moves a likeness by about 0.001.
 */
export class ExactIndex implements VectorIndex {
  readonly kind = "exact";
  readonly dims: number;
  private readonly kernel: DotKernel;
  /** What a byte of the vector is worth. */
  private scales = new Float32Array(SMALLEST);
  private has = new Uint8Array(SMALLEST);
  /** One past the last slot that ever had a vector. */
  private end = 0;
  private held = 0;

  constructor(dims: number, kernel: DotKernel = makeDotKernel(dims) ?? makePlainKernel(dims)) {
    this.dims = dims;
    this.kernel = kernel;
    kernel.grow(SMALLEST);
  }

  /** Passages that have a vector. */
  get size(): number {
    return this.held;
  }

  set(slot: number, vector: Float32Array): void {
    this.hold(slot);
    this.scales[slot] = toBytes(vector, this.kernel.rows, slot * this.kernel.stride);
  }

  /** A vector as `bytesAt` gave it. */
  setBytes(slot: number, { bytes, scale }: ByteVector): void {
    this.hold(slot);
    this.kernel.rows.set(bytes, slot * this.kernel.stride);
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
    for (let slot = 0; slot < this.end; slot++) if (this.has[slot] === 1) slots.push(slot);
    return slots;
  }

  /** A copy of what is held; null when the slot has none. */
  bytesAt(slot: number): ByteVector | null {
    if (this.has[slot] !== 1) return null;
    const from = slot * this.kernel.stride;
    return { bytes: this.kernel.rows.slice(from, from + this.dims), scale: this.scales[slot] ?? 0 };
  }

  /** The vector as its bytes give it; null when the slot has none. */
  vectorAt(slot: number): Float32Array | null {
    const held = this.bytesAt(slot);
    return held === null ? null : Float32Array.from(held.bytes, (byte) => byte * held.scale);
  }

  /** Inner product of two passages' vectors; 0 when one has none. */
  likeness(slot: number, other: number): number {
    if (this.has[slot] !== 1 || this.has[other] !== 1) return 0;
    return this.kernel.product(slot, other) * (this.scales[slot] ?? 0) * (this.scales[other] ?? 0);
  }

  /** Those of `slots` that are alike to a question, with how much, as `nearest` counts it. */
  judge(query: Float32Array, slots: readonly number[]): Near[] {
    const worth = toBytes(query, this.kernel.query, 0);
    return slots.flatMap((slot) => {
      if (this.has[slot] !== 1) return [];
      const score = (this.kernel.scores(slot, 1)[0] ?? 0) * worth * (this.scales[slot] ?? 0);
      return score > 0 ? [{ slot, score }] : [];
    });
  }

  /** The `limit` nearest by inner product, best first, ties by slot; only what is alike at all (a product above 0). */
  nearest(query: Float32Array, limit: number, accepts: (slot: number) => boolean): Near[] {
    const { has, kernel, scales, end } = this;
    const worth = toBytes(query, kernel.query, 0);
    const best: Near[] = [];
    let floor = 0;
    for (let first = 0; first < end; first += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, end - first);
      const products = kernel.scores(first, count);
      for (let n = 0; n < count; n++) {
        const slot = first + n;
        const score = (products[n] ?? 0) * worth * (scales[slot] ?? 0);
        if (score <= floor || has[slot] !== 1 || !accepts(slot)) continue;
        best.push({ slot, score });
        if (best.length < limit * 2) continue;
        best.sort(byScore);
        best.length = limit;
        floor = best.at(-1)?.score ?? 0;
      }
    }
    return best.sort(byScore).slice(0, limit);
  }

  private hold(slot: number): void {
    if (slot >= this.has.length) this.grow(slot + 1);
    if (this.has[slot] !== 1) this.held += 1;
    this.has[slot] = 1;
    this.end = Math.max(this.end, slot + 1);
  }

  private grow(needed: number): void {
    const slots = Math.max(needed, Math.ceil(this.has.length * 1.5));
    this.kernel.grow(slots);
    const has = new Uint8Array(slots);
    has.set(this.has);
    const scales = new Float32Array(slots);
    scales.set(this.scales);
    this.scales = scales;
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
