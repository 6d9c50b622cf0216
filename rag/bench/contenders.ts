import MiniSearch from "minisearch";
import { stemmer } from "stemmer";
import { ExactIndex } from "../src/embedding/exact-index.ts";
import { GrowingIndex } from "../src/embedding/growing-index.ts";
import { loadHnswlib } from "../src/embedding/hnsw-graph.ts";
import { makePlainKernel } from "../src/embedding/plain-kernel.ts";
import { loadStaticEmbedder, SHIPPED_MODEL, type StaticEmbedder } from "../src/embedding/static-embedder.ts";
import { textToEmbed } from "../src/embedding/text-to-embed.ts";
import type { PassageStore } from "../src/engine/passage-store.ts";
import { CANDIDATES, type DenseLeg, search } from "../src/engine/search.ts";
import { parseQuery } from "../src/ranking/parse-query.ts";
import type { FusionWeights } from "../src/ranking/weigh-legs.ts";
import { STOP_WORDS } from "../src/text/stop-words.ts";
import { type BenchDocument, readCorpus } from "./corpus.ts";

/** A question in, ids of documents out, best first, each once. */
type Ranker = (query: string, limit: number) => readonly string[];

export interface OwnEngine {
  readonly store: PassageStore;
  /** Milliseconds to take in all documents, without and with their vectors. */
  readonly indexMs: number;
  readonly embedMs: number;
  /** What finds the nearest vectors. */
  readonly vectorIndex: "exact" | "hnsw";
  /** Share of the ten nearest of all, by plain sums over the same bytes, that the index finds when it is asked as a search asks it. */
  vectorRecall(queries: readonly string[]): number;
  /** Mean inner product of passages' vectors, each with another one far from it: how alike all of them are. */
  readonly likeness: number;
  /** `fusion`: weights to try in place of the model's own. */
  rank(mode: "lexical" | "dense" | "auto", fusion?: FusionWeights): Ranker;
}

/**
 * The product's own path over a set of documents: front matter, chunks, index, vectors, ranking.
 * `exactUpTo`: passages from which a graph is followed, where that is not left to the product.
 * @throws Error when the shipped model is missing or fails its proof: words alone would be judged under another name
 */
export function makeOwnEngine(documents: readonly BenchDocument[], exactUpTo?: number): OwnEngine {
  const startedMs = performance.now();
  const { store, idOf } = readCorpus(documents);
  const indexedMs = performance.now();
  const { state, embedder } = loadStaticEmbedder(SHIPPED_MODEL);
  if (embedder === null) throw new Error(`The model that ships is ${state}: restore rag/src/embedding/models.`);
  const index = indexVectors(store, embedder, exactUpTo);
  const embeddedMs = performance.now();
  const legFor = (query: string, fusion: FusionWeights | undefined): DenseLeg => {
    const vector = embedder.embed(parseQuery(query).text);
    return {
      fusion: fusion ?? embedder.fusion,
      likeness: (slot, other) => index.likeness(slot, other),
      nearest: (limit, accepts) => index.nearest(vector, limit, accepts),
    };
  };
  return {
    store,
    indexMs: indexedMs - startedMs,
    embedMs: embeddedMs - indexedMs,
    vectorIndex: index.kind,
    likeness: likenessOf(index),
    vectorRecall: (queries) => recallOf(index, store, queries.map(embedder.embed)),
    rank: (mode, fusion) => (query, limit) => {
      const leg = mode === "lexical" ? null : legFor(query, fusion);
      const hits = search(store, leg, { query, limit: limit * 2, mode });
      return [...new Set(hits.map(({ path }) => idOf(path)))].slice(0, limit);
    },
  };
}

function indexVectors(store: PassageStore, embedder: StaticEmbedder, exactUpTo: number | undefined): GrowingIndex {
  const options = exactUpTo === undefined ? {} : { exactUpTo };
  const index = new GrowingIndex({ dims: embedder.dims, library: loadHnswlib(), ...options });
  for (const document of store.all())
    for (const passage of document.passages) index.set(passage.slot, embedder.embed(textToEmbed(passage)));
  index.work(Number.POSITIVE_INFINITY);
  return index;
}

function likenessOf(index: GrowingIndex): number {
  const half = index.size >> 1;
  let sum = 0;
  for (let slot = 0; slot < half; slot++) sum += index.likeness(slot, slot + half);
  return Math.round((sum / Math.max(1, half)) * 1_000) / 1_000;
}

function recallOf(index: GrowingIndex, store: PassageStore, queries: readonly Float32Array[]): number {
  const plain = new ExactIndex(index.dims, makePlainKernel(index.dims));
  for (const { passages } of store.all())
    for (const { slot } of passages) {
      const bytes = index.bytesAt(slot);
      if (bytes !== null) plain.setBytes(slot, bytes);
    }
  let wanted = 0;
  let found = 0;
  for (const query of queries) {
    const all = new Set(plain.nearest(query, 10, () => true).map(({ slot }) => slot));
    wanted += all.size;
    // A search asks for that many at the least, and takes the best of them.
    const near = index.nearest(query, CANDIDATES.least, () => true).slice(0, 10);
    found += near.filter(({ slot }) => all.has(slot)).length;
  }
  return Math.round((found / wanted) * 10_000) / 10_000;
}

/** The rival as one would set it up with care: stop words, Porter stems, a boost for the title. `plain` leaves all that out. */
export function makeMiniSearch(documents: readonly BenchDocument[], plain: boolean): Ranker {
  const engine = new MiniSearch<BenchDocument>({
    fields: ["title", "text"],
    ...(plain
      ? {}
      : {
          processTerm: (term: string) => {
            const word = term.toLowerCase();
            return STOP_WORDS.has(word) ? null : stemmer(word);
          },
          searchOptions: { boost: { title: 2 } },
        }),
  });
  engine.addAll([...documents]);
  return (query, limit) =>
    engine
      .search(query)
      .slice(0, limit)
      .map(({ id }) => String(id));
}
