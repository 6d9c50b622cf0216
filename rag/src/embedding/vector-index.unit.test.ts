import { describe, expect, test } from "vitest";
import { ExactIndex } from "./exact-index.ts";
import { GrowingIndex } from "./growing-index.ts";
import { GRAPH, HnswGraph, loadHnswlib } from "./hnsw-graph.ts";
import { makePlainKernel } from "./plain-kernel.ts";
import type { VectorIndex } from "./vector-index.ts";

const library = loadHnswlib();

/** Unit vectors in a few crowds, as texts are: the same at each run. */
function makeVectors(count: number, dims: number, seed = 41): Float32Array[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const centres = Array.from({ length: 40 }, () => Float32Array.from({ length: dims }, random));
  return Array.from({ length: count }, (_, n) => {
    const centre = centres[n % centres.length];
    const vector = Float32Array.from({ length: dims }, (_, k) => (centre?.[k] ?? 0) + random());
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    return vector.map((value) => value / length);
  });
}

const make = {
  exact: (dims: number): VectorIndex => new ExactIndex(dims),
  plain: (dims: number): VectorIndex => new ExactIndex(dims, makePlainKernel(dims)),
  growing: (dims: number): VectorIndex => new GrowingIndex({ dims, library: null }),
  ...(library === null
    ? {}
    : { hnsw: (dims: number): VectorIndex => new GrowingIndex({ dims, library, exactUpTo: 0 }) }),
};

describe.each(Object.entries(make))("%s", (name, makeIndex) => {
  test("finds what comparing everything finds, and loses what is taken out", () => {
    const index = makeIndex(2);
    for (let slot = 0; slot < 1_000; slot++) index.set(slot, Float32Array.of(Math.cos(slot), Math.sin(slot)));
    if (index instanceof GrowingIndex) while (index.work(performance.now() + 1_000));
    expect(index.kind).toBe(name === "hnsw" ? "hnsw" : "exact");
    index.remove(44);
    index.remove(44);
    const query = Float32Array.of(1, 0);
    const alike = (slot: number): number => Math.cos(slot);
    const best = Array.from({ length: 1_000 }, (_, slot) => slot)
      .filter((slot) => slot !== 44 && slot % 2 === 0)
      .sort((a, b) => alike(b) - alike(a));
    const found = index.nearest(query, 10, (slot) => slot % 2 === 0);
    // A vector is kept in bytes: what it finds may be less alike than the best by what a byte rounds off.
    expect(found).toHaveLength(10);
    for (const [place, { slot, score }] of found.entries()) {
      expect(slot).not.toBe(44);
      expect(alike(slot)).toBeGreaterThan(alike(best[place] ?? 0) - 0.01);
      expect(score).toBeCloseTo(alike(slot), 2);
    }
    expect(index.likeness(2, 2)).toBeCloseTo(1, 2);
    expect(index.likeness(2, 44)).toBe(0);
    expect([index.size, index.isSet(44), index.isSet(5_000)]).toEqual([999, false, false]);
  });

  test("a vector that is set again is found where it is now, and nothing is like a text without a known word", () => {
    const index = makeIndex(2);
    for (let slot = 0; slot < 50; slot++) index.set(slot, Float32Array.of(0, 0));
    index.set(7, Float32Array.of(0, 1));
    index.set(7, Float32Array.of(1, 0));
    expect(index.nearest(Float32Array.of(1, 0), 5, () => true)).toEqual([{ slot: 7, score: expect.closeTo(1, 2) }]);
    expect(index.nearest(Float32Array.of(0, 1), 5, () => true)).toEqual([]);
  });
});

test.runIf(library !== null)(
  "the graph finds 0.99 of the ten nearest at the width that ships, and keeps finding them as vectors go",
  () => {
    if (library === null) return;
    // The last fifty ask: like the others and not among them.
    const made = makeVectors(1_250, 32);
    const [vectors, queries] = [made.slice(0, 1_200), made.slice(1_200)];
    const exact = new ExactIndex(32);
    const index = new GrowingIndex({ dims: 32, library, exactUpTo: 300 });
    for (const [slot, vector] of vectors.entries()) {
      index.set(slot, vector);
      exact.set(slot, vector);
    }
    expect(index.kind).toBe("exact");
    expect(index.work(0)).toBe(true);
    expect(index.kind).toBe("exact");
    while (index.work(performance.now() + 1_000));
    expect(index.kind).toBe("hnsw");
    const recall = (): number => {
      let found = 0;
      for (const query of queries) {
        const nearest = new Set(exact.nearest(query, 10, () => true).map(({ slot }) => slot));
        for (const { slot } of index.nearest(query, 10, () => true)) if (nearest.has(slot)) found += 1;
      }
      return found / (queries.length * 10);
    };
    expect(recall()).toBeGreaterThanOrEqual(0.99);
    for (let slot = 0; slot < 1_200; slot += 3) {
      index.remove(slot);
      exact.remove(slot);
    }
    expect(recall()).toBeGreaterThanOrEqual(0.99);
    // A third of the graph is dead by now: it is made anew, and answers by comparing until then.
    while (index.work(performance.now() + 1_000));
    expect(index.wholeGraph()?.count).toBe(index.size);
    expect(recall()).toBeGreaterThanOrEqual(0.99);
  },
);

test.runIf(library !== null)("a filter that lets little through loses nothing", () => {
  const index = new GrowingIndex({ dims: 32, library, exactUpTo: 100 });
  for (const [slot, vector] of makeVectors(600, 32).entries()) index.set(slot, vector);
  while (index.work(performance.now() + 1_000));
  const [query = new Float32Array(32)] = makeVectors(1, 32, 9);
  const allowed = index.nearest(query, 600, () => true).filter(({ slot }) => slot % 120 === 0);
  expect(index.nearest(query, 3, (slot) => slot % 120 === 0)).toEqual(allowed.slice(0, 3));
});

test.runIf(library !== null)("a graph looks as widely after it was asked for many as the most that was asked", () => {
  if (library === null) return;
  const graph = HnswGraph.empty(library, 2);
  for (let n = 0; n < GRAPH.search; n++) graph.add(Float32Array.of(Math.cos(n), Math.sin(n)));
  expect(graph.ef).toBe(GRAPH.search);
  const many = GRAPH.search / 2 + 50;
  expect(graph.nearest(Float32Array.of(1, 0), many)).toHaveLength(many);
  expect(graph.ef).toBe(many * 2);
  graph.nearest(Float32Array.of(1, 0), 5);
  expect(graph.ef).toBe(GRAPH.search);
});
