import { createRequire } from "node:module";
import type { HierarchicalNSW } from "hnswlib-node";

/**
 * Neighbours a node keeps, how widely it looks for them when it is added, and how widely a search looks. At these a search finds 0.99 and more of what
 * comparing everything finds in real text, and less where all passages are nearly alike (`bench/rag/measure-recall.ts`).
 */
export const GRAPH = { neighbours: 16, build: 100, search: 400 } as const;
/** The graph is the same for the same vectors in the same order. */
const SEED = 41;
const SMALLEST = 1_024;

type Library = typeof import("hnswlib-node");

/** `hnswlib-node`, or null: it has no prebuilt binary, and a machine without a compiler installs without it. */
export function loadHnswlib(): Library | null {
  try {
    const library: Library = createRequire(import.meta.url)("hnswlib-node");
    return library;
  } catch {
    // Absent, or built for another Node: every vector is compared instead, and GET /stats says so.
    return null;
  }
}

/** What must be known of a written graph to go on with it. */
export interface GraphFacts {
  readonly dims: number;
  readonly count: number;
  /** Labels that were taken out before it was written. */
  readonly dead: readonly number[];
}

/** A graph over vectors of unit length. A label is given once and never again; what is taken out stays in as a dead end. */
export class HnswGraph {
  private readonly graph: HierarchicalNSW;
  private ends = 0;
  private readonly gone = new Set<number>();

  private constructor(graph: HierarchicalNSW, ends: number) {
    this.graph = graph;
    this.ends = ends;
    this.graph.setEf(GRAPH.search);
  }

  static empty(library: Library, dims: number): HnswGraph {
    const graph = new library.HierarchicalNSW("ip", dims);
    graph.initIndex(SMALLEST, GRAPH.neighbours, GRAPH.build, SEED);
    return new HnswGraph(graph, 0);
  }

  /**
   * Reads a graph that `write` wrote. The library reads a damaged file without an error, so the caller has compared its digest; and it forgets how widely
   * to search, which is set again here.
   * @throws Error when the file does not hold `count` vectors of `dims` numbers
   */
  static read(library: Library, file: string, { dims, count, dead }: GraphFacts): HnswGraph {
    const graph = new library.HierarchicalNSW("ip", dims);
    graph.readIndexSync(file);
    if (graph.getCurrentCount() !== count)
      throw new Error(`${file} holds ${graph.getCurrentCount()} vectors, not ${count}`);
    const read = new HnswGraph(graph, count);
    for (const label of dead) read.gone.add(label);
    return read;
  }

  /** Labels given so far, with those that are gone. */
  get count(): number {
    return this.ends;
  }

  /** Labels that were taken out. */
  get dead(): ReadonlySet<number> {
    return this.gone;
  }

  /** How widely a search looks. */
  get ef(): number {
    return this.graph.getEf();
  }

  /** Adds a vector and answers its label: labels count up. */
  add(vector: Float32Array): number {
    if (this.ends >= this.graph.getMaxElements()) this.graph.resizeIndex(Math.ceil(this.ends * 1.5));
    this.graph.addPoint(Array.from(vector), this.ends);
    return this.ends++;
  }

  /** Takes a label out. Twice is once: the library would throw. */
  remove(label: number): void {
    if (label >= this.ends || this.gone.has(label)) return;
    this.gone.add(label);
    this.graph.markDelete(label);
  }

  /** Labels near a vector of unit length, nearest first. */
  nearest(vector: Float32Array, limit: number): readonly number[] {
    const wanted = Math.min(limit, this.ends - this.gone.size);
    if (wanted <= 0) return [];
    // A search that looks no wider than what is asked for finds the last of it badly.
    const ef = Math.max(GRAPH.search, wanted * 2);
    if (ef !== this.graph.getEf()) this.graph.setEf(ef);
    return this.graph.searchKnn(Array.from(vector), wanted).neighbors;
  }

  /** Writes the graph, with what is gone. Nothing may be added before it is done. */
  async write(file: string): Promise<void> {
    await this.graph.writeIndex(file);
  }
}
