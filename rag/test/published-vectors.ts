import { readFileSync } from "node:fs";
import path from "node:path";
import { getEmbeddingsPath } from "@sap-ux/fiori-docs-embeddings";
import { z } from "zod";
import { GrowingIndex } from "../src/embedding/growing-index.ts";
import type { loadHnswlib } from "../src/embedding/hnsw-graph.ts";
import { dot } from "./likeness.ts";

/** Vectors that others made with all-MiniLM-L6-v2, in 8 bits, of their own product's documentation, and published with the texts. */
export interface PublishedVectors {
  readonly dims: number;
  readonly texts: readonly string[];
  /** Of unit length, one for each text. */
  readonly vectors: readonly Float32Array[];
}

const factsSchema = z.object({
  model: z.literal("Xenova/all-MiniLM-L6-v2"),
  dimensions: z.int().positive(),
  totalVectors: z.int().positive(),
});
const recordSchema = z.object({ content: z.string() });
const BYTES_EACH = 4;

/** @throws Error when the package does not hold what its own facts say */
export function readPublishedVectors(): PublishedVectors {
  const read = (name: string): Buffer => readFileSync(path.join(getEmbeddingsPath(), name));
  const { dimensions: dims, totalVectors } = factsSchema.parse(JSON.parse(read("metadata.json").toString("utf8")));
  const lines = read("records.jsonl").toString("utf8").trim().split("\n");
  const texts = lines.map((line) => recordSchema.parse(JSON.parse(line)).content);
  const bytes = read("embeddings.bin");
  if (texts.length !== totalVectors || bytes.length !== totalVectors * dims * BYTES_EACH)
    throw new Error(
      `${texts.length} texts and ${bytes.length} bytes are not ${totalVectors} vectors of ${dims} numbers.`,
    );
  const numberAt = (vector: number, k: number): number => bytes.readFloatLE((vector * dims + k) * BYTES_EACH);
  const vectors = texts.map((_, vector) => Float32Array.from({ length: dims }, (_, k) => numberAt(vector, k)));
  return { dims, texts, vectors };
}

/** Every sixth vector asks, the others are searched. */
const ASKS_EVERY = 6;

/**
 * Share of the ten nearest that the graph finds at the width that ships: of those that comparing everything finds in the service, where a number is a byte, and of those
 * by the published numbers as they stand. The index is made and asked as the
 * service does it, but for its size: past `EXACT_UP_TO` the service has a graph, and here there is one at once.
 */
export function recallOnPublishedVectors(library: NonNullable<ReturnType<typeof loadHnswlib>>): {
  readonly recall: number;
  readonly recallOfUnrounded: number;
  readonly asked: number;
  readonly searched: number;
} {
  const { dims, vectors } = readPublishedVectors();
  const asking = vectors.filter((_, n) => n % ASKS_EVERY === 0);
  const searched = vectors.filter((_, n) => n % ASKS_EVERY !== 0);
  const index = new GrowingIndex({ dims, library, exactUpTo: 0 });
  for (const [slot, vector] of searched.entries()) index.set(slot, vector);
  while (index.work(Number.POSITIVE_INFINITY));
  if (index.kind !== "hnsw") throw new Error("The vectors are compared one by one: there is no graph to judge.");
  let [found, foundUnrounded] = [0, 0];
  for (const query of asking) {
    const exact = new Set(index.nearestOfAll(query, 10, () => true).map(({ slot }) => slot));
    const likeness = searched.map((vector, slot) => ({ slot, score: dot(query, vector) }));
    const unrounded = new Set(
      likeness
        .sort((a, b) => b.score - a.score)
        .slice(0, 10)
        .map(({ slot }) => slot),
    );
    for (const { slot } of index.nearest(query, 10, () => true)) {
      if (exact.has(slot)) found += 1;
      if (unrounded.has(slot)) foundUnrounded += 1;
    }
  }
  const share = (count: number): number => Math.round((count / (asking.length * 10)) * 10_000) / 10_000;
  const counts = { asked: asking.length, searched: searched.length };
  return { recall: share(found), recallOfUnrounded: share(foundUnrounded), ...counts };
}
