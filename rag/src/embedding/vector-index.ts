/** Vectors of passages by slot, compared one by one: exact at any size. 20,000 passages of 100 numbers take some milliseconds. */
export class VectorIndex {
  readonly dims: number;
  private matrix: Float32Array;
  private has: Uint8Array;
  private held = 0;

  constructor(dims: number) {
    this.dims = dims;
    this.matrix = new Float32Array(256 * dims);
    this.has = new Uint8Array(256);
  }

  /** Passages that have a vector. */
  get size(): number {
    return this.held;
  }

  set(slot: number, vector: Float32Array): void {
    if (slot >= this.has.length) this.grow(slot + 1);
    this.matrix.set(vector, slot * this.dims);
    if (this.has[slot] !== 1) this.held += 1;
    this.has[slot] = 1;
  }

  remove(slot: number): void {
    if (this.has[slot] === 1) this.held -= 1;
    if (slot < this.has.length) this.has[slot] = 0;
  }

  isSet(slot: number): boolean {
    return this.has[slot] === 1;
  }

  /** The `limit` nearest by inner product, best first, ties by slot; only what is alike at all (a product above 0). */
  nearest(query: Float32Array, limit: number, accepts: (slot: number) => boolean): { slot: number; score: number }[] {
    const { dims, matrix, has } = this;
    const best: { slot: number; score: number }[] = [];
    let floor = 0;
    for (let slot = 0; slot < has.length; slot++) {
      if (has[slot] !== 1) continue;
      let score = 0;
      for (let k = 0, at = slot * dims; k < dims; k++, at++) score += (query[k] ?? 0) * (matrix[at] ?? 0);
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

  private grow(needed: number): void {
    const slots = Math.max(needed, this.has.length * 2);
    const matrix = new Float32Array(slots * this.dims);
    matrix.set(this.matrix);
    const has = new Uint8Array(slots);
    has.set(this.has);
    this.matrix = matrix;
    this.has = has;
  }
}

function byScore(a: { slot: number; score: number }, b: { slot: number; score: number }): number {
  return b.score - a.score || a.slot - b.slot;
}
