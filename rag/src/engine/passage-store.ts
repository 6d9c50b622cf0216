import { chunkDocument } from "../chunking/chunk-document.ts";
import type { Collection, SourceDocument } from "../corpus/document.ts";
import { LexicalIndex } from "../lexical/lexical-index.ts";
import { RecentCounts } from "../ranking/count-terms.ts";
import { findSuccessors, type Successors } from "../ranking/supersession.ts";
import { inTurns } from "../take-turns.ts";
import { type IndexedDocument, momentOf, type Passage, termsOf, textOf, titleOf } from "./passage.ts";

/** Past this share of dead passages the index is copied without them. */
const MAX_DEAD_SHARE = 0.2;
const MIN_DEAD = 500;

/** Documents with their passages and the word index over them. A document is replaced as a whole; nothing is ever half in. */
export class PassageStore {
  private readonly documents = new Map<string, IndexedDocument>();
  private passages: (Passage | null)[] = [];
  private words = new LexicalIndex();
  private successors: Successors | null = null;
  private newest: number | null = null;
  private readonly counts = new Map<Collection, number>();
  /** How far a source that is no folder has been taken in, by its name. Kept with the documents, so that both are of one moment. */
  readonly marks = new Map<string, string>();
  /** The words of passages that questions were widened by; a slot is never used twice. */
  readonly counted = new RecentCounts();

  get lexical(): LexicalIndex {
    return this.words;
  }

  get size(): number {
    return this.documents.size;
  }

  /** Documents of one collection. */
  countOf(collection: Collection): number {
    return this.counts.get(collection) ?? 0;
  }

  /** By path; undefined when there is none. */
  get(path: string): IndexedDocument | undefined {
    return this.documents.get(path);
  }

  all(): Iterable<IndexedDocument> {
    return this.documents.values();
  }

  passageAt(slot: number): Passage | null {
    return this.passages[slot] ?? null;
  }

  /** Takes a document, in place of the one with the same path. */
  put(source: SourceDocument): IndexedDocument {
    this.remove(source.path);
    const chunks = chunkDocument(source);
    const title = titleOf(source, chunks);
    const passages: Passage[] = [];
    const document: IndexedDocument = { source, title, passages };
    const offsets = lineOffsets(source.content);
    for (const { lineStart, lineEnd, headings, text } of chunks) {
      const slot = this.words.add(termsOf(source, title, headings, text));
      const from = offsets[lineStart - 1] ?? 0;
      const atMs = momentOf(source, headings);
      const passage = { slot, document, lineStart, lineEnd, headings, from, to: from + text.length, atMs };
      passages.push(passage);
      this.passages[slot] = passage;
    }
    this.enter(document);
    this.forgetDerived();
    return document;
  }

  /** False when there was none. */
  remove(path: string): boolean {
    const document = this.documents.get(path);
    if (document === undefined) return false;
    this.documents.delete(path);
    const { collection } = document.source;
    this.counts.set(collection, this.countOf(collection) - 1);
    for (const passage of document.passages) {
      const { source, title } = document;
      this.words.remove(passage.slot, termsOf(source, title, passage.headings, textOf(passage)));
      this.passages[passage.slot] = null;
    }
    this.forgetDerived();
    return true;
  }

  /** True when so much is dead that copying pays. */
  get isWorthCompacting(): boolean {
    const { dead, size } = this.words;
    return dead > MIN_DEAD && dead > MAX_DEAD_SHARE * (size + dead);
  }

  /** Every document again, in the order of their paths, in a store without dead passages. */
  async compacted(): Promise<PassageStore> {
    const fresh = new PassageStore();
    await fresh.takeOver(this, () => true);
    return fresh;
  }

  /**
   * Takes in what another store holds at the moment of the call, in the order of its paths: the documents that `isWanted` names, and all marks. Cutting and
   * analysing takes seconds for thousands, so everything else gets its turn in between.
   */
  async takeOver(other: PassageStore, isWanted: (source: SourceDocument) => boolean): Promise<void> {
    const sources = [...other.all()].map(({ source }) => source).filter(isWanted);
    for (const [name, mark] of other.marks) this.marks.set(name, mark);
    await inTurns(
      sources.sort((a, b) => (a.path < b.path ? -1 : 1)),
      (source) => void this.put(source),
    );
  }

  /** A store over documents and a word index that were saved together: slots count through the documents in order. */
  static restore(documents: readonly RestoredDocument[], words: LexicalIndex): PassageStore {
    const store = new PassageStore();
    store.words = words;
    for (const { source, title, passages: cuts } of documents) {
      const passages: Passage[] = [];
      const document: IndexedDocument = { source, title, passages };
      for (const cut of cuts) {
        const passage = { ...cut, slot: store.passages.length, document };
        passages.push(passage);
        store.passages.push(passage);
      }
      store.enter(document);
    }
    return store;
  }

  currentSuccessors(): Successors {
    this.successors ??= findSuccessors([...this.documents.values()].map(({ source }) => source));
    return this.successors;
  }

  /** The newest moment that any passage gives; 0 when none is dated. */
  newestMs(): number {
    if (this.newest === null) {
      this.newest = 0;
      for (const passage of this.passages) this.newest = Math.max(this.newest, passage?.atMs ?? 0);
    }
    return this.newest;
  }

  private enter(document: IndexedDocument): void {
    const { path, collection } = document.source;
    this.documents.set(path, document);
    this.counts.set(collection, this.countOf(collection) + 1);
  }

  private forgetDerived(): void {
    this.successors = null;
    this.newest = null;
  }
}

export interface RestoredDocument {
  readonly source: SourceDocument;
  readonly title: string;
  readonly passages: readonly Omit<Passage, "slot" | "document">[];
}

/** Where each line begins, in UTF-16 units. */
function lineOffsets(content: string): readonly number[] {
  const offsets = [0];
  for (let at = content.indexOf("\n"); at >= 0; at = content.indexOf("\n", at + 1)) offsets.push(at + 1);
  return offsets;
}
