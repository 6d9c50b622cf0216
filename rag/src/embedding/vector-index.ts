/** A passage by its slot, with the inner product of its vector and the question's. */
export interface Near {
  readonly slot: number;
  readonly score: number;
}

/** Vectors of passages by slot. Every implementation passes `vector-index.unit.test.ts`. */
export interface VectorIndex {
  /** `exact`: every vector is compared. `hnsw`: a graph leads to the nearest, and a few may be missed. */
  readonly kind: "exact" | "hnsw";
  readonly dims: number;
  /** Passages that have a vector. */
  readonly size: number;
  set(slot: number, vector: Float32Array): void;
  remove(slot: number): void;
  isSet(slot: number): boolean;
  /** Inner product of two passages' vectors; 0 when one has none. */
  likeness(slot: number, other: number): number;
  /** The `limit` nearest by inner product, best first, ties by slot; only what is alike at all (a product above 0). */
  nearest(query: Float32Array, limit: number, accepts: (slot: number) => boolean): readonly Near[];
}
