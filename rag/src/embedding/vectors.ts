import type { IndexedDocument, Passage } from "../engine/passage.ts";
import type { PassageStore } from "../engine/passage-store.ts";
import type { DenseLeg } from "../engine/search.ts";
import type { Embedder, LoadedModel } from "./embedder.ts";
import { GrowingIndex } from "./growing-index.ts";
import { loadHnswlib } from "./hnsw-graph.ts";
import { KnownVectors, keyOf, readVectors, writeVectors } from "./kept-vectors.ts";
import { textToEmbed } from "./text-to-embed.ts";
import type { VectorFacts } from "./vector-facts.ts";

/** Work between two turns of everything else: shorter than what a person or a p95 notices. */
const SLICE_MS = 4;
/** What is kept is written when nothing has been made for this long. */
const QUIET_MS = 2_000;
/** A model that failed is asked again after this long. */
const RETRY_MS = 5_000;
/** Vectors of passages that went away lately: a file that was renamed comes back at once. */
const REMEMBERED = 4_000;

export interface VectorsOptions extends LoadedModel {
  /** Where vectors are kept between starts; null keeps them in memory only. */
  readonly folder?: string | null;
  /** Vectors from which a graph is followed. Default 3,000. */
  readonly exactUpTo?: number;
}

interface Waiting {
  readonly passage: Passage;
  readonly sinceMs: number;
}

/** Vectors of a store's passages, made in the background, the newest change first. Words are searchable meanwhile. */
export class Vectors {
  private embedder: Embedder | null;
  private model: LoadedModel;
  private readonly options: Omit<VectorsOptions, keyof LoadedModel>;
  private readonly library = loadHnswlib();
  private index: GrowingIndex | null = null;
  private known: KnownVectors | null = null;
  /** By slot: the text that its vector is of. */
  private keys: string[] = [];
  private lately = new Map<string, Float32Array>();
  private waiting: Waiting[] = [];
  private gone = new WeakSet<Passage>();
  private running = false;
  private isChanged = false;
  private writing: Promise<void> | null = null;
  private quiet: NodeJS.Timeout | null = null;
  private embedded = 0;
  private trouble: string | null = null;
  private isClosed = false;
  /** Counts up when slots or the model become others: what was begun before is thrown away. */
  private era = 0;

  constructor(options: VectorsOptions) {
    this.options = options;
    this.model = options;
    this.embedder = options.embedder;
    if (this.embedder === null) return;
    const { dims } = this.embedder;
    const folder = options.folder ?? null;
    const found = folder === null ? null : readVectors(folder, this.embedder, this.library);
    this.known = found?.known ?? null;
    this.trouble = found?.damage ?? null;
    this.index = this.makeIndex(dims, found?.graph ?? null);
  }

  /** Puts a document's passages in front of what waits. */
  add(document: IndexedDocument): void {
    if (this.index === null) return;
    const sinceMs = performance.now();
    for (const passage of document.passages.toReversed()) this.waiting.push({ passage, sinceMs });
    this.work();
  }

  remove(document: IndexedDocument | undefined): void {
    for (const passage of document?.passages ?? []) {
      this.gone.add(passage);
      const { slot } = passage;
      const vector = this.index?.vectorAt(slot) ?? null;
      const key = this.keys[slot];
      if (vector === null || key === undefined) continue;
      this.lately.set(key, vector);
      if (this.lately.size > REMEMBERED) this.lately.delete(this.lately.keys().next().value ?? key);
      this.index?.remove(slot);
      this.isChanged = true;
    }
  }

  /** Starts again for a store whose slots are others. What the same texts were given before is used again. */
  reset(store: PassageStore): void {
    const { embedder, index: before, keys } = this;
    if (embedder === null || before === null) return;
    if (before.size > 0) {
      const held = keys.flatMap((key, slot) => (before.isSet(slot) ? [[key, slot] as const] : []));
      this.known = new KnownVectors(held, (slot) => ({
        vector: before.vectorAt(slot) ?? new Float32Array(embedder.dims),
        label: -1,
      }));
      this.index = this.makeIndex(embedder.dims, null);
    }
    this.startOver(store);
  }

  /** Another model from now on: vectors of two models never meet. Words are searchable while the new ones are made. */
  use(model: LoadedModel, store: PassageStore): void {
    const before = this.embedder;
    this.model = model;
    this.embedder = model.embedder;
    this.known = null;
    this.trouble = null;
    this.lately.clear();
    this.index = model.embedder === null ? null : this.makeIndex(model.embedder.dims, null);
    this.isChanged = true;
    this.startOver(store);
    // It may still be asked for what is thrown away: that fails, and nothing is lost.
    void before?.close();
  }

  private startOver(store: PassageStore): void {
    this.era += 1;
    this.keys = [];
    this.waiting = [];
    for (const document of store.all()) this.add(document);
  }

  /** The leg for one question; null without a model. The question is embedded here, once. */
  async leg(query: string): Promise<((store: PassageStore) => DenseLeg | null) | null> {
    if (this.embedder === null || this.index === null || this.index.size === 0) return null;
    const { embedder } = this;
    const vector = await embedder.embedQuery(query).catch(() => null);
    // A model that fails answers nothing: this search is by words, and health names the model.
    if (vector === null) return null;
    return (store) => {
      const { index } = this;
      if (index === null) return null;
      return {
        fusion: embedder.fusion,
        likeness: (slot, other) => index.likeness(slot, other),
        nearest: (limit, accepts) =>
          index.nearest(vector, limit, (slot) => store.passageAt(slot) !== null && accepts(slot)),
      };
    };
  }

  facts(): VectorFacts {
    const oldest = this.waiting.reduce((since, one) => Math.min(since, one.sinceMs), Number.POSITIVE_INFINITY);
    return {
      model: this.embedder?.id ?? null,
      state: this.model.state,
      refusal: this.model.refusal ?? null,
      dims: this.embedder?.dims ?? 0,
      vectors: this.index?.size ?? 0,
      index: this.index?.kind ?? "exact",
      pending: this.waiting.length,
      oldestPendingMs: Number.isFinite(oldest) ? Math.round(performance.now() - oldest) : 0,
      embedded: this.embedded,
      trouble: this.trouble,
    };
  }

  /** Writes what was not written yet and ends the model. */
  async close(): Promise<void> {
    this.isClosed = true;
    if (this.quiet !== null) clearTimeout(this.quiet);
    await this.write();
    await this.embedder?.close();
  }

  private makeIndex(dims: number, graph: ReturnType<GrowingIndex["wholeGraph"]>): GrowingIndex {
    const { exactUpTo } = this.options;
    return new GrowingIndex({ dims, library: this.library, graph, ...(exactUpTo === undefined ? {} : { exactUpTo }) });
  }

  private work(): void {
    if (this.running || this.isClosed) return;
    this.running = true;
    setImmediate(() => void this.turn());
  }

  /** Never throws. */
  private async turn(): Promise<void> {
    let isMore = false;
    try {
      isMore = await this.slice();
    } catch (error) {
      this.trouble = `embedding: ${error instanceof Error ? error.message : String(error)}`;
      setTimeout(() => this.work(), RETRY_MS).unref();
    }
    this.running = false;
    if (isMore) this.work();
    else this.rest();
  }

  /** One slice of work; true when there is more. */
  private async slice(): Promise<boolean> {
    await this.writing;
    const untilMs = performance.now() + SLICE_MS;
    while (performance.now() < untilMs) {
      if (this.waiting.length === 0) {
        if (this.known !== null) {
          this.known = null;
          this.index?.settle();
        }
        return this.index?.work(untilMs) === true;
      }
      await this.embedSome();
    }
    return true;
  }

  private async embedSome(): Promise<void> {
    const { embedder, era } = this;
    if (embedder === null) return;
    const unmade: { readonly one: Waiting; readonly key: string; readonly text: string }[] = [];
    for (let n = 0; n < embedder.batch; n++) {
      const one = this.waiting.pop();
      if (one === undefined) break;
      if (this.gone.has(one.passage)) continue;
      const text = textToEmbed(one.passage);
      const key = keyOf(text);
      const known = this.known?.take(key) ?? this.recall(key);
      if (known === null) unmade.push({ one, key, text });
      else this.put(one.passage, key, known.vector, known.label);
    }
    if (unmade.length === 0) return;
    let vectors: readonly Float32Array[];
    try {
      vectors = await embedder.embedPassages(unmade.map(({ text }) => text));
    } catch (error) {
      if (this.era !== era) return;
      // They go on waiting, and health counts how long.
      this.waiting.push(...unmade.map(({ one }) => one).reverse());
      throw error;
    }
    if (this.era !== era) return;
    this.embedded += unmade.length;
    for (const [at, { one, key }] of unmade.entries()) {
      const vector = vectors[at];
      // It may have been taken out while its vector was made.
      if (vector !== undefined && !this.gone.has(one.passage)) this.put(one.passage, key, vector, -1);
    }
    this.isChanged = true;
  }

  private recall(key: string): { readonly vector: Float32Array; readonly label: number } | null {
    const vector = this.lately.get(key);
    return vector === undefined ? null : { vector, label: -1 };
  }

  private put({ slot }: Passage, key: string, vector: Float32Array, label: number): void {
    this.keys[slot] = key;
    this.index?.set(slot, vector, label);
  }

  private rest(): void {
    if (this.isClosed || (this.options.folder ?? null) === null || !this.isChanged) return;
    if (this.quiet !== null) clearTimeout(this.quiet);
    this.quiet = setTimeout(() => void this.write(), QUIET_MS).unref();
  }

  /** Writes what is held, when that differs from what is kept. Never throws. */
  private async write(): Promise<void> {
    const { embedder, index, keys } = this;
    const folder = this.options.folder ?? null;
    if (folder === null || embedder === null || index === null || !this.isChanged) return;
    await this.writing;
    this.isChanged = false;
    const rows = keys.flatMap((key, slot) => {
      const vector = index.vectorAt(slot);
      return vector === null ? [] : [{ key, vector, label: index.labelAt(slot) }];
    });
    const graph = index.kind === "hnsw" ? index.wholeGraph() : null;
    this.writing = writeVectors(folder, embedder, rows, graph)
      .then(() => {
        this.trouble = null;
      })
      .catch((error: unknown) => {
        this.isChanged = true;
        this.trouble = `vectors are not kept: ${error instanceof Error ? error.message : String(error)}`;
      })
      .finally(() => {
        this.writing = null;
      });
    await this.writing;
  }
}
