import type { Embedder } from "../src/embedding/embedder.ts";
import { GrowingIndex } from "../src/embedding/growing-index.ts";
import { loadHnswlib } from "../src/embedding/hnsw-graph.ts";
import { textToEmbed } from "../src/embedding/text-to-embed.ts";
import { search } from "../src/engine/search.ts";
import { parseQuery } from "../src/ranking/parse-query.ts";
import type { FusionWeights } from "../src/ranking/weigh-legs.ts";
import { type BenchDocument, readCorpus } from "./corpus.ts";

export interface PulledEngine {
  readonly passages: number;
  /** Milliseconds to embed all passages. */
  readonly embedMs: number;
  /** `fusion`: weights to try in place of the model's own. */
  rank(
    mode: "lexical" | "dense" | "auto",
    fusion?: FusionWeights,
  ): (query: string, limit: number) => Promise<readonly string[]>;
}

/** The product's own path over a set of documents, with a model that answers later: one that was pulled. A question is embedded once. */
export async function makePulledEngine(documents: readonly BenchDocument[], embedder: Embedder): Promise<PulledEngine> {
  const { store, idOf } = readCorpus(documents);
  const index = new GrowingIndex({ dims: embedder.dims, library: loadHnswlib() });
  const passages = [...store.all()].flatMap((document) => document.passages);
  const startedMs = performance.now();
  for (let from = 0; from < passages.length; from += embedder.batch) {
    const some = passages.slice(from, from + embedder.batch);
    const vectors = await embedder.embedPassages(some.map(textToEmbed));
    for (const [at, { slot }] of some.entries()) index.set(slot, vectors[at] ?? new Float32Array(embedder.dims));
  }
  index.work(Number.POSITIVE_INFINITY);
  const embedMs = performance.now() - startedMs;
  const asked = new Map<string, Promise<Float32Array>>();
  const embedQuery = (text: string): Promise<Float32Array> => {
    const vector = asked.get(text) ?? embedder.embedQuery(text);
    asked.set(text, vector);
    return vector;
  };
  return {
    passages: passages.length,
    embedMs,
    rank: (mode, fusion) => async (query, limit) => {
      const vector = await embedQuery(parseQuery(query).text);
      const leg = {
        fusion: fusion ?? embedder.fusion,
        likeness: (slot: number, other: number) => index.likeness(slot, other),
        nearest: (most: number, accepts: (slot: number) => boolean) => index.nearest(vector, most, accepts),
      };
      const hits = search(store, mode === "lexical" ? null : leg, { query, limit: limit * 2, mode });
      return [...new Set(hits.map(({ path }) => idOf(path)))].slice(0, limit);
    },
  };
}
