import { HAS_SIMD } from "./dot-kernel.ts";
import { type ByteVector, ExactIndex } from "./exact-index.ts";
import { HnswGraph, type loadHnswlib } from "./hnsw-graph.ts";
import type { Near, VectorIndex } from "./vector-index.ts";

type Library = NonNullable<ReturnType<typeof loadHnswlib>>;

/**
 * Up to here comparing everything takes about a millisecond and misses nothing: at 128 numbers a vector 0.2 ms for 20,000 by SIMD, a tenth of what it takes
 * without.
 */
export const EXACT_UP_TO = HAS_SIMD ? 50_000 : 3_000;
/** Past this share of dead ends a graph is made anew. */
const MAX_DEAD_SHARE = 0.25;
const NONE = -1;

export interface GrowingOptions {
  readonly dims: number;
  /** null: every vector is compared at any size. */
  readonly library: Library | null;
  /** Vectors from which a graph is made. Default 50,000, without SIMD 3,000. */
  readonly exactUpTo?: number;
  /** A graph that was read from disk; its labels wait for their slots. */
  readonly graph?: HnswGraph | null;
}

/**
 * Compares every vector while there are few, and follows a graph once there are many. The graph is made in slices by `work`; until it is whole, everything
 * is compared. A filter that lets little through is answered by comparing everything too: nothing that passes is missed.
 */
export class GrowingIndex implements VectorIndex {
  readonly dims: number;
  private readonly exact: ExactIndex;
  private readonly library: Library | null;
  private readonly exactUpTo: number;
  private graph: HnswGraph | null;
  /** Slots that the graph lacks, last first; null when it is whole or there is none. */
  private missing: number[] | null = null;
  private slots: number[] = [];
  private labels: number[] = [];

  constructor({ dims, library, exactUpTo = EXACT_UP_TO, graph = null }: GrowingOptions) {
    this.dims = dims;
    this.exact = new ExactIndex(dims);
    this.library = library;
    this.exactUpTo = exactUpTo;
    this.graph = graph;
    if (graph !== null) this.slots = new Array<number>(graph.count).fill(NONE);
  }

  get kind(): "exact" | "hnsw" {
    return this.graph !== null && this.missing === null && this.size > this.exactUpTo ? "hnsw" : "exact";
  }

  get size(): number {
    return this.exact.size;
  }

  set(slot: number, vector: Float32Array): void {
    this.dropFromGraph(slot);
    this.exact.set(slot, vector);
    this.place(slot, NONE, () => vector);
  }

  /** `label`: where the vector stands in the graph that was given; it is added when it does not. */
  setBytes(slot: number, vector: ByteVector, label = NONE): void {
    this.dropFromGraph(slot);
    this.exact.setBytes(slot, vector);
    this.place(slot, label, () => this.exact.vectorAt(slot));
  }

  remove(slot: number): void {
    this.dropFromGraph(slot);
    this.exact.remove(slot);
  }

  isSet(slot: number): boolean {
    return this.exact.isSet(slot);
  }

  likeness(slot: number, other: number): number {
    return this.exact.likeness(slot, other);
  }

  /** A copy of the vector as it is kept; null when the slot has none. */
  bytesAt(slot: number): ByteVector | null {
    return this.exact.bytesAt(slot);
  }

  /** Place of a slot in the graph; -1 when it has none. */
  labelAt(slot: number): number {
    return this.labels[slot] ?? NONE;
  }

  /** The graph, when it is whole and can be written. */
  wholeGraph(): HnswGraph | null {
    return this.missing === null ? this.graph : null;
  }

  nearest(query: Float32Array, limit: number, accepts: (slot: number) => boolean): readonly Near[] {
    if (this.kind === "hnsw" && this.graph !== null) {
      // The graph compares what bytes round off: the last of what it finds is judged as everything else is.
      const slots = this.graph.nearest(query, limit * 2).map((label) => this.slots[label] ?? NONE);
      const found = this.exact.judge(query, slots).filter(({ slot }) => accepts(slot));
      if (found.length >= limit) return found.sort(byScore).slice(0, limit);
    }
    return this.nearestOfAll(query, limit, accepts);
  }

  /** By comparing every vector, whatever there is. */
  nearestOfAll(query: Float32Array, limit: number, accepts: (slot: number) => boolean): readonly Near[] {
    return this.exact.nearest(query, limit, accepts);
  }

  /** Once all that was kept has its slot: takes out of the graph what no slot came for. */
  settle(): void {
    for (const [label, slot] of this.slots.entries()) if (slot === NONE) this.graph?.remove(label);
  }

  /** Goes on with the graph until the clock says `untilMs`. True when there is more to do. */
  work(untilMs: number): boolean {
    if (this.library === null || this.size <= this.exactUpTo) return false;
    if (this.graph === null || this.graph.dead.size > MAX_DEAD_SHARE * this.graph.count) this.beginGraph(this.library);
    const { graph, missing } = this;
    if (graph === null || missing === null) return false;
    while (performance.now() < untilMs) {
      const slot = missing.pop();
      if (slot === undefined) {
        this.missing = null;
        return false;
      }
      const vector = this.exact.vectorAt(slot);
      if (vector !== null && this.labelAt(slot) === NONE) this.addToGraph(graph, slot, vector);
    }
    return true;
  }

  private beginGraph(library: Library): void {
    this.graph = HnswGraph.empty(library, this.dims);
    this.slots = [];
    this.labels = [];
    this.missing = this.exact.slots().reverse();
  }

  private place(slot: number, label: number, vectorOf: () => Float32Array | null): void {
    const { graph, slots } = this;
    if (graph === null) return;
    const isFree = label !== NONE && slots[label] === NONE && !graph.dead.has(label);
    const vector = isFree || this.missing !== null ? null : vectorOf();
    if (isFree) this.connect(slot, label);
    else if (this.missing !== null) this.missing.push(slot);
    else if (vector !== null) this.addToGraph(graph, slot, vector);
  }

  private addToGraph(graph: HnswGraph, slot: number, vector: Float32Array): void {
    // A text without a known word is like nothing.
    if (vector.some((value) => value !== 0)) this.connect(slot, graph.add(vector));
  }

  private connect(slot: number, label: number): void {
    this.slots[label] = slot;
    this.labels[slot] = label;
  }

  private dropFromGraph(slot: number): void {
    const label = this.labelAt(slot);
    if (label === NONE) return;
    this.graph?.remove(label);
    this.slots[label] = NONE;
    this.labels[slot] = NONE;
  }
}

function byScore(a: Near, b: Near): number {
  return b.score - a.score || a.slot - b.slot;
}
