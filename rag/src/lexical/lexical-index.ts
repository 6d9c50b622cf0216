import { FIRST_BLOCK, LARGEST_BLOCK, PostingArena } from "./posting-arena.ts";
import { TermTable } from "./term-table.ts";

/** Terms of one chunk by field; a term stands as often as it occurs. */
export interface ChunkTerms {
  readonly head: readonly string[];
  readonly meta: readonly string[];
  readonly body: readonly string[];
}

/** A query: what each term is worth beside its rarity. */
export type WeightedTerms = ReadonlyMap<string, number>;

/**
 * BM25F: heading 2, path and tags 1, text 1; k1 1.5, b 0.75, of a tag list 0.3. k1 and the heading's weight are the better of a few that were
 * tried on all of Cranfield's questions; the rest is custom.
 */
const WEIGHT = { head: 2, meta: 1, body: 1 } as const;
const B = { head: 0.75, meta: 0.3, body: 0.75 } as const;
const K1 = 1.5;

/** An entry packs the chunk's slot (20 bits) and how often the term occurs in body (5), head (4) and meta (3). */
const MAX_SLOTS = 2 ** 20;
const FIELDS = ["head", "meta", "body"] as const;
type Field = (typeof FIELDS)[number];

/** State of an index as flat arrays, ready to be written and read back. */
export interface LexicalState {
  /** With a line end between two. */
  readonly terms: Uint8Array;
  readonly words: Uint32Array;
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  readonly count: Uint32Array;
  readonly frequency: Uint32Array;
  readonly lengths: Uint16Array;
}

/**
 * An inverted index that takes and loses chunks while it answers. Statistics are exact at every moment: the same chunks give the
 * same scores whatever came and went before.
 */
export class LexicalIndex {
  private ids = new TermTable();
  private arena = new PostingArena();
  /** Living chunks that hold the term. */
  private frequency = new Uint32Array(1_024);
  private lengths: Record<Field, Uint16Array> = {
    head: new Uint16Array(64),
    meta: new Uint16Array(64),
    body: new Uint16Array(64),
  };
  private norms: Record<Field, Float32Array> | null = null;
  private alive = new Uint8Array(64);
  private readonly sums: Record<Field, number> = { head: 0, meta: 0, body: 0 };
  private scores = new Float64Array(64);
  private slots = 0;
  private living = 0;

  /** Chunks that are searched. */
  get size(): number {
    return this.living;
  }

  /** Chunks that were taken out and still use space. */
  get dead(): number {
    return this.slots - this.living;
  }

  get termCount(): number {
    return this.ids.size;
  }

  /**
   * Takes a chunk and answers its slot: slots count up and are never used twice.
   * @throws RangeError past 1,048,576 slots
   */
  add(terms: ChunkTerms): number {
    const slot = this.slots;
    if (slot >= MAX_SLOTS) throw new RangeError("The index is full: 1,048,576 chunks.");
    this.slots += 1;
    this.living += 1;
    this.grow();
    this.alive[slot] = 1;
    for (const field of FIELDS) {
      const length = Math.min(terms[field].length, 65_535);
      this.lengths[field][slot] = length;
      this.sums[field] += length;
    }
    for (const [term, packed] of packTerms(terms)) {
      const id = this.idOf(term);
      this.arena.add(id, ((slot << 12) | packed) >>> 0);
      this.frequency[id] = (this.frequency[id] ?? 0) + 1;
    }
    this.norms = null;
    return slot;
  }

  /** Takes a chunk out. `terms` are those that it was added with. Nothing happens for a slot that is out already. */
  remove(slot: number, terms: ChunkTerms): void {
    if (this.alive[slot] !== 1) return;
    this.alive[slot] = 0;
    this.living -= 1;
    for (const field of FIELDS) this.sums[field] -= this.lengths[field][slot] ?? 0;
    for (const term of new Set([...terms.head, ...terms.meta, ...terms.body])) {
      const id = this.ids.get(term);
      if (id !== undefined) this.frequency[id] = (this.frequency[id] ?? 0) - 1;
    }
    this.norms = null;
  }

  /** Living chunks that hold the term. */
  frequencyOf(term: string): number {
    const id = this.ids.get(term);
    return id === undefined ? 0 : (this.frequency[id] ?? 0);
  }

  /** Slots of the living chunks that hold the term. */
  slotsOf(term: string): readonly number[] {
    const slots: number[] = [];
    const id = this.ids.get(term);
    if (id === undefined) return slots;
    for (const entry of this.arena.entriesOf(id)) {
      if (this.alive[entry >>> 12] === 1) slots.push(entry >>> 12);
    }
    return slots;
  }

  /** BM25's weight of a term by its rarity. */
  rarityOf(term: string): number {
    const frequency = this.frequencyOf(term);
    return Math.log(1 + (this.living - frequency + 0.5) / (frequency + 0.5));
  }

  /** The best `limit` chunks that `accepts` lets through, best first, ties by slot. */
  search(query: WeightedTerms, limit: number, accepts: (slot: number) => boolean): { slot: number; score: number }[] {
    const touched: number[] = [];
    for (const [term, weight] of query) this.scoreTerm(term, weight, touched);
    const best: { slot: number; score: number }[] = [];
    let floor = 0;
    for (const slot of touched) {
      const score = this.scores[slot] ?? 0;
      this.scores[slot] = 0;
      if (score <= floor || !accepts(slot)) continue;
      best.push({ slot, score });
      // Sorting once per doubling is cheaper than a heap for the few hundred that are kept.
      if (best.length >= limit * 2) {
        best.sort(byScore);
        best.length = limit;
        floor = best.at(-1)?.score ?? 0;
      }
    }
    return best.sort(byScore).slice(0, limit);
  }

  private scoreTerm(term: string, weight: number, touched: number[]): void {
    const id = this.ids.get(term);
    if (id === undefined) return;
    const gain = weight * this.rarityOf(term) * (K1 + 1);
    const { words } = this.arena;
    const { head, meta, body } = this.currentNorms();
    const { alive, scores } = this;
    let start = this.arena.first[id] ?? 0;
    let left = this.arena.count[id] ?? 0;
    for (let size = FIRST_BLOCK; left > 0; size = Math.min(size * 2, LARGEST_BLOCK)) {
      const stop = start + Math.min(size, left);
      for (let at = start; at < stop; at++) {
        const entry = words[at] ?? 0;
        const slot = entry >>> 12;
        if (alive[slot] !== 1) continue;
        const frequency =
          ((entry >>> 7) & 31) * (body[slot] ?? 0) +
          ((entry >>> 3) & 15) * (head[slot] ?? 0) +
          (entry & 7) * (meta[slot] ?? 0);
        const before = scores[slot] ?? 0;
        if (before === 0) touched.push(slot);
        scores[slot] = before + (gain * frequency) / (K1 + frequency);
      }
      left -= stop - start;
      start = words[start + size] ?? 0;
    }
  }

  /** By field and slot: the field's weight divided by how long the field is beside the average. */
  private currentNorms(): Record<Field, Float32Array> {
    if (this.norms !== null) return this.norms;
    const norm = (field: Field): Float32Array => {
      const average = this.sums[field] / Math.max(1, this.living) || 1;
      const norms = new Float32Array(this.slots);
      const lengths = this.lengths[field];
      for (let slot = 0; slot < this.slots; slot++) {
        norms[slot] = WEIGHT[field] / (1 - B[field] + (B[field] * (lengths[slot] ?? 0)) / average);
      }
      return norms;
    };
    this.norms = { head: norm("head"), meta: norm("meta"), body: norm("body") };
    return this.norms;
  }

  private idOf(term: string): number {
    const known = this.ids.get(term);
    if (known !== undefined) return known;
    const id = this.ids.add(term);
    if (id >= this.frequency.length)
      this.frequency = enlarge(this.frequency, (length) => new Uint32Array(length), id + 1);
    return id;
  }

  private grow(): void {
    if (this.slots <= this.alive.length) return;
    this.alive = enlarge(this.alive, (length) => new Uint8Array(length), this.slots);
    this.scores = new Float64Array(this.alive.length);
    for (const field of FIELDS)
      this.lengths[field] = enlarge(this.lengths[field], (length) => new Uint16Array(length), this.slots);
  }

  /** A copy of everything that `restore` needs. Only for an index without dead chunks. */
  save(): LexicalState {
    const terms = this.ids.size;
    const { words, end, first, last, count } = this.arena;
    const lengths = new Uint16Array(this.slots * FIELDS.length);
    for (const [index, field] of FIELDS.entries()) {
      lengths.set(this.lengths[field].subarray(0, this.slots), index * this.slots);
    }
    const cut = (array: Uint32Array): Uint32Array => {
      const exact = new Uint32Array(terms);
      exact.set(array.subarray(0, terms));
      return exact;
    };
    return {
      terms: this.ids.joined(),
      words: words.slice(0, end),
      first: cut(first),
      last: cut(last),
      count: cut(count),
      frequency: cut(this.frequency),
      lengths,
    };
  }

  /** The index goes on with the state's arrays as its own. */
  static restore(state: LexicalState): LexicalIndex {
    const index = new LexicalIndex();
    index.ids = new TermTable(state.terms);
    index.arena = new PostingArena(state.words, state.words.length, 0);
    index.arena.first = state.first;
    index.arena.last = state.last;
    index.arena.count = state.count;
    index.frequency = new Uint32Array(state.frequency);
    index.slots = state.lengths.length / FIELDS.length;
    index.living = index.slots;
    index.grow();
    index.alive.fill(1, 0, index.slots);
    FIELDS.forEach((field, at) => {
      const lengths = state.lengths.subarray(at * index.slots, (at + 1) * index.slots);
      index.lengths[field].set(lengths);
      for (const length of lengths) index.sums[field] += length;
    });
    return index;
  }
}

function packTerms(terms: ChunkTerms): Map<string, number> {
  const packed = new Map<string, number>();
  const bump = (term: string, unit: number, mask: number): void => {
    const value = packed.get(term) ?? 0;
    if ((value & mask) !== mask) packed.set(term, value + unit);
  };
  for (const term of terms.body) bump(term, 128, 31 << 7);
  for (const term of terms.head) bump(term, 8, 15 << 3);
  for (const term of terms.meta) bump(term, 1, 7);
  return packed;
}

function enlarge<T extends Uint8Array | Uint16Array | Uint32Array>(
  from: T,
  make: (length: number) => T,
  needed: number,
): T {
  const larger = make(Math.max(needed, from.length * 2));
  larger.set(from);
  return larger;
}

function byScore(a: { slot: number; score: number }, b: { slot: number; score: number }): number {
  return b.score - a.score || a.slot - b.slot;
}
