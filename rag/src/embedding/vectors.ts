import { breadcrumbOf, type IndexedDocument, type Passage, textOf } from "../engine/passage.ts";
import type { PassageStore } from "../engine/passage-store.ts";
import type { DenseLeg } from "../engine/search.ts";
import type { Embedder, ModelState } from "./embedder.ts";
import { VectorIndex } from "./vector-index.ts";

/** Work between two turns of everything else: shorter than what a person or a p95 notices. */
const SLICE_MS = 4;

export interface VectorFacts {
  readonly model: string | null;
  readonly state: ModelState;
  readonly dims: number;
  readonly vectors: number;
  readonly pending: number;
  /** Age of the oldest passage that waits for its vector. */
  readonly oldestPendingMs: number;
}

/** Vectors of a store's passages, made in the background, the newest change first. Words are searchable meanwhile. */
export class Vectors {
  private readonly embedder: Embedder | null;
  private readonly state: ModelState;
  private index: VectorIndex | null;
  private readonly waiting: { readonly passage: Passage; readonly sinceMs: number }[] = [];
  private running = false;

  constructor({ state, embedder }: { readonly state: ModelState; readonly embedder: Embedder | null }) {
    this.state = state;
    this.embedder = embedder;
    this.index = embedder === null ? null : new VectorIndex(embedder.dims);
  }

  /** Puts a document's passages in front of what waits. */
  add(document: IndexedDocument): void {
    if (this.index === null) return;
    const sinceMs = performance.now();
    for (const passage of document.passages.toReversed()) this.waiting.push({ passage, sinceMs });
    this.work();
  }

  remove(document: IndexedDocument | undefined): void {
    for (const { slot } of document?.passages ?? []) this.index?.remove(slot);
  }

  /** Starts again for a store whose slots are others. */
  reset(store: PassageStore): void {
    if (this.embedder === null) return;
    this.index = new VectorIndex(this.embedder.dims);
    this.waiting.length = 0;
    for (const document of store.all()) this.add(document);
  }

  /** The leg for one search; null without a model. */
  leg(store: PassageStore): DenseLeg | null {
    const { embedder, index } = this;
    if (embedder === null || index === null || index.size === 0) return null;
    return {
      fusion: embedder.fusion,
      likeness: (slot, other) => index.likeness(slot, other),
      nearest: (query, limit, accepts) => {
        const vector = embedder.embed(query);
        return index.nearest(vector, limit, (slot) => store.passageAt(slot) !== null && accepts(slot));
      },
    };
  }

  facts(): VectorFacts {
    const oldest = this.waiting.reduce((since, one) => Math.min(since, one.sinceMs), Number.POSITIVE_INFINITY);
    return {
      model: this.embedder?.id ?? null,
      state: this.state,
      dims: this.embedder?.dims ?? 0,
      vectors: this.index?.size ?? 0,
      pending: this.waiting.length,
      oldestPendingMs: Number.isFinite(oldest) ? Math.round(performance.now() - oldest) : 0,
    };
  }

  private work(): void {
    if (this.running) return;
    this.running = true;
    setImmediate(() => {
      this.running = false;
      const untilMs = performance.now() + SLICE_MS;
      while (performance.now() < untilMs) {
        const next = this.waiting.pop();
        if (next === undefined) return;
        this.embedNow(next.passage);
      }
      this.work();
    });
  }

  private embedNow(passage: Passage): void {
    const { document, headings } = passage;
    const text = [...breadcrumbOf(document.title, headings), textOf(passage)].join("\n");
    const vector = this.embedder?.embed(text);
    if (vector !== undefined) this.index?.set(passage.slot, vector);
  }
}
