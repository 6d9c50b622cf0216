/**
 * Postings of all terms in one typed array: each term owns a chain of blocks that double in size. One allocation instead of
 * one per term keeps 20,000 chunks within a few megabytes, and the whole can be written to disk as it is.
 */
export class PostingArena {
  /** Entries, and behind each block the start of the next. */
  words: Uint32Array;
  /** First free word. */
  end: number;
  /** By term: start of the first block, start of the last block, entries written. */
  first: Uint32Array;
  last: Uint32Array;
  count: Uint32Array;

  constructor(words: Uint32Array = new Uint32Array(4_096), end = 0, terms = 1_024) {
    this.words = words;
    this.end = end;
    this.first = new Uint32Array(terms);
    this.last = new Uint32Array(terms);
    this.count = new Uint32Array(terms);
  }

  add(term: number, entry: number): void {
    if (term >= this.count.length) this.growTerms(term + 1);
    const count = this.count[term] ?? 0;
    const { offset, size } = placeOf(count);
    if (offset === 0) {
      const start = this.allocate(size);
      if (count === 0) this.first[term] = start;
      else this.words[(this.last[term] ?? 0) + previousSize(size, count)] = start;
      this.last[term] = start;
    }
    this.words[(this.last[term] ?? 0) + offset] = entry;
    this.count[term] = count + 1;
  }

  /** Entries of a term in the order they were added. Searching reads the blocks itself: this is for rare terms. */
  *entriesOf(term: number): Generator<number> {
    let start = this.first[term] ?? 0;
    let left = this.count[term] ?? 0;
    for (let size = FIRST_BLOCK; left > 0; size = Math.min(size * 2, LARGEST_BLOCK)) {
      const stop = start + Math.min(size, left);
      for (let at = start; at < stop; at++) yield this.words[at] ?? 0;
      left -= stop - start;
      start = this.words[start + size] ?? 0;
    }
  }

  private allocate(size: number): number {
    const start = this.end;
    this.end += size + 1;
    if (this.end > this.words.length) {
      const larger = new Uint32Array(Math.max(this.end, this.words.length * 2));
      larger.set(this.words);
      this.words = larger;
    }
    return start;
  }

  private growTerms(needed: number): void {
    const length = Math.max(needed, this.count.length * 2);
    const grow = (from: Uint32Array): Uint32Array => {
      const larger = new Uint32Array(length);
      larger.set(from);
      return larger;
    };
    this.first = grow(this.first);
    this.last = grow(this.last);
    this.count = grow(this.count);
  }
}

/** Entries in the first block; each next block holds twice as many, up to the largest. */
export const FIRST_BLOCK = 2;
export const LARGEST_BLOCK = 1_024;
/** Entries held by all blocks that are smaller than the largest. */
const IN_SMALL_BLOCKS = LARGEST_BLOCK - FIRST_BLOCK;

/** Where the entry with this number stands: its place inside its block, and that block's size. */
function placeOf(index: number): { offset: number; size: number } {
  if (index >= IN_SMALL_BLOCKS) return { offset: (index - IN_SMALL_BLOCKS) % LARGEST_BLOCK, size: LARGEST_BLOCK };
  const size = 2 ** Math.floor(Math.log2(index + FIRST_BLOCK));
  return { offset: index + FIRST_BLOCK - size, size };
}

function previousSize(size: number, count: number): number {
  return size === LARGEST_BLOCK && count > IN_SMALL_BLOCKS ? LARGEST_BLOCK : size / 2;
}
