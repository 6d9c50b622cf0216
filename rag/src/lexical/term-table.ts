const NEWLINE = 10;
const NONE = -1;

/**
 * Terms and their numbers, which count up from 0. Those that were read from disk stay the bytes that they are: a Map of 130,000 strings takes a tenth of a
 * second to fill at each start. A term holds no line end.
 */
export class TermTable {
  private readonly kept: Uint8Array;
  /** Where each kept term begins, and one past the last line end. */
  private readonly starts: Uint32Array;
  /** By hash, open-addressed: the number of a kept term and one; 0 is free. */
  private readonly places: Uint32Array;
  private readonly added = new Map<string, number>();

  /** `kept`: what `joined` gave. */
  constructor(kept: Uint8Array = new Uint8Array(0)) {
    this.kept = kept;
    this.starts = startsOf(kept);
    const count = this.starts.length - 1;
    this.places = new Uint32Array(count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count * 2)));
    for (let id = 0; id < count; id++) this.places[this.freePlace(id)] = id + 1;
  }

  get size(): number {
    return this.starts.length - 1 + this.added.size;
  }

  /** Number of a term; undefined when there is none. */
  get(term: string): number | undefined {
    const added = this.added.get(term);
    if (added !== undefined || this.places.length === 0) return added;
    const id = this.findKept(Buffer.from(term));
    return id === NONE ? undefined : id;
  }

  /** Takes a term that has no number yet and answers its number. */
  add(term: string): number {
    const id = this.size;
    this.added.set(term, id);
    return id;
  }

  /** All terms in the order of their numbers, with a line end between two. */
  joined(): Buffer {
    const added = Buffer.from([...this.added.keys()].join("\n"));
    if (this.kept.length === 0 || added.length === 0) return Buffer.concat([this.kept, added]);
    return Buffer.concat([this.kept, Buffer.of(NEWLINE), added]);
  }

  private findKept(bytes: Uint8Array): number {
    const { places, starts } = this;
    const mask = places.length - 1;
    for (let at = hashOf(bytes, 0, bytes.length) & mask; ; at = (at + 1) & mask) {
      const id = (places[at] ?? 0) - 1;
      if (id === NONE) return NONE;
      const start = starts[id] ?? 0;
      if ((starts[id + 1] ?? 0) - 1 - start === bytes.length && this.holds(bytes, start)) return id;
    }
  }

  private holds(bytes: Uint8Array, start: number): boolean {
    for (let k = 0; k < bytes.length; k++) if (bytes[k] !== this.kept[start + k]) return false;
    return true;
  }

  private freePlace(id: number): number {
    const { places, starts, kept } = this;
    const mask = places.length - 1;
    let at = hashOf(kept, starts[id] ?? 0, (starts[id + 1] ?? 0) - 1) & mask;
    while (places[at] !== 0) at = (at + 1) & mask;
    return at;
  }
}

function startsOf(kept: Uint8Array): Uint32Array {
  if (kept.length === 0) return new Uint32Array(1);
  // A term has a letter at least: there are at most half as many as bytes.
  const starts = new Uint32Array((kept.length >> 1) + 2);
  let count = 1;
  for (let k = 0; k < kept.length; k++) if (kept[k] === NEWLINE) starts[count++] = k + 1;
  starts[count] = kept.length + 1;
  return starts.slice(0, count + 1);
}

/** FNV-1a, its halves mixed once more because only low bits are used. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let k = from; k < to; k++) hash = Math.imul(hash ^ (bytes[k] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
