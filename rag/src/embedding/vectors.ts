import type { IndexedDocument, Passage } from "../engine/passage.ts";
import type { PassageStore } from "../engine/passage-store.ts";
import type { DenseLeg } from "../engine/search.ts";
import { AskedModel } from "./asked-model.ts";
import type { Embedder, LoadedModel } from "./embedder.ts";
import type { ByteVector } from "./exact-index.ts";
import { EXACT_UP_TO, GrowingIndex } from "./growing-index.ts";
import { loadHnswlib } from "./hnsw-graph.ts";
import { KnownVectors, keyOf, readVectors } from "./kept-vectors.ts";
import { textToEmbed } from "./text-to-embed.ts";
import type { VectorFacts } from "./vector-facts.ts";
import { type HeldVectors, VectorKeeper } from "./vector-keeper.ts";

/** Work between two turns of everything else: shorter than what a person or a p95 notices. */
const SLICE_MS = 4;
/** Vectors of passages that went away lately: a file that was renamed comes back at once. */
const REMEMBERED = 4_000;

export interface VectorsOptions extends LoadedModel {
  /** Where vectors are kept between starts; null keeps them in memory only. */
  readonly folder?: string | null;
  /** Vectors from which a graph is followed. Default: `EXACT_UP_TO`. */
  readonly exactUpTo?: number;
  /** Left out: the one that is installed. null: there is none, and every vector is compared. */
  readonly library?: ReturnType<typeof loadHnswlib>;
}

interface Waiting {
  readonly passage: Passage;
  readonly sinceMs: number;
}

/** Something that somebody has just written, or one of many that were read together. */
export type Haste = "soon" | "bulk";

/** Vectors of a store's passages, made in the background: what was just written first, then bulk, of each the newest first. Words are searchable meanwhile. */
export class Vectors {
  private asked: AskedModel | null;
  private model: LoadedModel;
  private readonly options: Omit<VectorsOptions, keyof LoadedModel>;
  private readonly library: ReturnType<typeof loadHnswlib>;
  private index: GrowingIndex | null = null;
  private known: KnownVectors | null = null;
  /** By slot: the text that its vector is of. */
  private keys: string[] = [];
  private lately = new Map<string, ByteVector>();
  private waiting: Record<Haste, Waiting[]> = { soon: [], bulk: [] };
  /** Taken from there, and in the model's hands: without a vector still. */
  private inHand: readonly Waiting[] = [];
  private gone = new WeakSet<Passage>();
  private running = false;
  private readonly keeper: VectorKeeper | null;
  private embedded = 0;
  private damage: string | null = null;
  private isClosed = false;
  /** Counts up when slots or the model become others: what was begun before is thrown away. */
  private era = 0;

  constructor(options: VectorsOptions) {
    this.options = options;
    this.model = options;
    this.library = options.library === undefined ? loadHnswlib() : options.library;
    this.asked = this.toAsked(options.embedder);
    const folder = options.folder ?? null;
    this.keeper = folder === null ? null : new VectorKeeper(folder, () => this.held());
    if (options.embedder === null) return;
    const { dims } = options.embedder;
    const found =
      folder === null ? null : readVectors(folder, options.embedder, this.library, options.exactUpTo ?? EXACT_UP_TO);
    this.known = found?.known ?? null;
    this.damage = found?.damage ?? null;
    this.index = this.makeIndex(dims, found?.graph ?? null);
  }

  /** Puts a document's passages in front of what waits in the same haste. */
  add(document: IndexedDocument, haste: Haste): void {
    if (this.index === null) return;
    const sinceMs = performance.now();
    for (const passage of document.passages.toReversed()) this.waiting[haste].push({ passage, sinceMs });
    this.work();
  }

  remove(document: IndexedDocument | undefined): void {
    for (const passage of document?.passages ?? []) {
      this.gone.add(passage);
      const { slot } = passage;
      const vector = this.index?.bytesAt(slot) ?? null;
      const key = this.keys[slot];
      if (vector === null || key === undefined) continue;
      this.lately.set(key, vector);
      if (this.lately.size > REMEMBERED) this.lately.delete(this.lately.keys().next().value ?? key);
      this.index?.remove(slot);
      this.keeper?.change();
    }
  }

  /** Starts again for a store whose slots are others. What the same texts were given before is used again. */
  reset(store: PassageStore): void {
    const { index: before, keys } = this;
    if (before === null) return;
    const { dims } = before;
    if (before.size > 0) {
      const held = keys.flatMap((key, slot) => (before.isSet(slot) ? [[key, slot] as const] : []));
      this.known = new KnownVectors(held, (slot) => ({
        vector: before.bytesAt(slot) ?? { bytes: new Int8Array(dims), scale: 0 },
        label: -1,
      }));
      this.index = this.makeIndex(dims, null);
    }
    this.startOver(store);
  }

  /** Another model from now on: vectors of two models never meet. Words are searchable while the new ones are made. */
  use(model: LoadedModel, store: PassageStore): void {
    const before = this.asked;
    this.model = model;
    this.asked = this.toAsked(model.embedder);
    this.known = null;
    this.damage = null;
    this.lately.clear();
    this.index = model.embedder === null ? null : this.makeIndex(model.embedder.dims, null);
    this.keeper?.change();
    this.startOver(store);
    // It may still be asked for what is thrown away: that fails, and nothing is lost.
    void before?.close();
  }

  private startOver(store: PassageStore): void {
    this.era += 1;
    this.keys = [];
    const hasty = new Set(this.waiting.soon.map(({ passage }) => passage.document.source.path));
    this.waiting = { soon: [], bulk: [] };
    this.inHand = [];
    for (const document of store.all()) this.add(document, hasty.has(document.source.path) ? "soon" : "bulk");
  }

  /** The leg for one question; null without a model. The question is embedded here, once. */
  async leg(query: string): Promise<((store: PassageStore) => DenseLeg | null) | null> {
    const { asked } = this;
    if (asked === null || this.index === null || this.index.size === 0) return null;
    const vector = await asked.embedQuery(query).catch(() => null);
    // A model that fails answers nothing: this search is by words, the answer says so, and health names the model.
    if (vector === null) return null;
    return (store) => {
      const { index } = this;
      if (index === null) return null;
      return {
        fusion: asked.embedder.fusion,
        likeness: (slot, other) => index.likeness(slot, other),
        nearest: (limit, accepts) =>
          index.nearest(vector, limit, (slot) => store.passageAt(slot) !== null && accepts(slot)),
      };
    };
  }

  facts(): VectorFacts {
    const { soon, bulk } = this.waiting;
    const unmade = [soon, bulk, this.inHand.filter(({ passage }) => !this.gone.has(passage))].flat();
    const oldest = unmade.reduce((since, one) => Math.min(since, one.sinceMs), Number.POSITIVE_INFINITY);
    return {
      model: this.model.embedder?.id ?? null,
      state: this.model.state,
      refusal: this.model.refusal ?? null,
      dims: this.index?.dims ?? 0,
      vectors: this.index?.size ?? 0,
      index: this.index?.kind ?? "exact",
      pending: unmade.length,
      oldestPendingMs: Number.isFinite(oldest) ? Math.round(performance.now() - oldest) : 0,
      embedded: this.embedded,
      failure: this.asked?.failure ?? null,
      notKept: this.keeper?.failure ?? null,
      damage: this.keeper?.hasWritten === true ? null : this.damage,
    };
  }

  /** Writes what was not written yet and ends the model. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.keeper?.close();
    await this.asked?.close();
  }

  private toAsked(embedder: Embedder | null): AskedModel | null {
    return embedder === null ? null : new AskedModel(embedder, () => this.work());
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
      this.asked?.fail(error);
    }
    this.running = false;
    if (isMore) this.work();
    else this.keeper?.rest();
  }

  /** One slice of work; true when there is more. */
  private async slice(): Promise<boolean> {
    await this.keeper?.pause();
    const untilMs = performance.now() + SLICE_MS;
    while (performance.now() < untilMs) {
      if (this.waiting.soon.length + this.waiting.bulk.length === 0) {
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
    const { asked, era } = this;
    if (asked === null) return;
    const unmade: { readonly one: Waiting; readonly key: string; readonly text: string }[] = [];
    // A batch is of one haste: what was just written does not wait until others have filled it up.
    const queue = this.waiting.soon.length > 0 ? this.waiting.soon : this.waiting.bulk;
    for (let n = 0; n < asked.embedder.batch; n++) {
      const one = queue.pop();
      if (one === undefined) break;
      if (this.gone.has(one.passage)) continue;
      const text = textToEmbed(one.passage);
      const key = keyOf(text);
      const known = this.known?.take(key) ?? this.recall(key);
      if (known === null) unmade.push({ one, key, text });
      else {
        this.keys[one.passage.slot] = key;
        this.index?.setBytes(one.passage.slot, known.vector, known.label);
      }
    }
    if (unmade.length === 0) return;
    this.inHand = unmade.map(({ one }) => one);
    let vectors: readonly Float32Array[];
    try {
      vectors = await asked.embedPassages(unmade.map(({ text }) => text));
    } catch (error) {
      if (this.era !== era) return;
      this.inHand = [];
      // They go on waiting, and health counts how long.
      queue.push(...unmade.map(({ one }) => one).reverse());
      throw error;
    }
    if (this.era !== era) return;
    this.inHand = [];
    this.embedded += unmade.length;
    for (const [at, { one, key }] of unmade.entries()) {
      const vector = vectors[at];
      // It may have been taken out while its vector was made.
      if (vector === undefined || this.gone.has(one.passage)) continue;
      this.keys[one.passage.slot] = key;
      this.index?.set(one.passage.slot, vector);
    }
    this.keeper?.change();
  }

  private recall(key: string): { readonly vector: ByteVector; readonly label: number } | null {
    const vector = this.lately.get(key);
    return vector === undefined ? null : { vector, label: -1 };
  }

  /** Everything that a next start should not make again: also what was kept before and has not been asked for yet. */
  private held(): HeldVectors | null {
    const { asked, index, known } = this;
    if (asked === null || index === null) return null;
    const rows = this.keys.flatMap((key, slot) => {
      const vector = index.bytesAt(slot);
      return vector === null ? [] : [{ key, vector, label: index.labelAt(slot) }];
    });
    const graph = index.kind === "hnsw" || known !== null ? index.wholeGraph() : null;
    return { embedder: asked.embedder, rows: [...rows, ...(known?.left() ?? [])], graph };
  }
}
