import type { LexicalState } from "../lexical/lexical-index.ts";

const ARRAYS = ["words", "first", "last", "count", "frequency"] as const;

/** The word index as bytes: a line of lengths, the terms, then the arrays as they stand in memory (little endian). Pure. */
export function encodeLexical(state: LexicalState): Buffer {
  const terms = Buffer.from(state.terms.buffer, state.terms.byteOffset, state.terms.byteLength);
  const lengths = Object.fromEntries(ARRAYS.map((name) => [name, state[name].length]));
  const head = Buffer.from(`${JSON.stringify({ terms: terms.length, lengths, chunks: state.lengths.length })}\n`);
  const arrays = [...ARRAYS.map((name) => state[name]), state.lengths].map((array) =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength),
  );
  return Buffer.concat([head, terms, ...arrays]);
}

/** Reads what `encodeLexical` wrote; the caller has compared its digest. Throws when the lengths do not add up. */
export function decodeLexical(bytes: Buffer): LexicalState {
  const headEnd = bytes.indexOf(10);
  const head: { terms: number; lengths: Record<(typeof ARRAYS)[number], number>; chunks: number } = JSON.parse(
    bytes.toString("utf8", 0, headEnd),
  );
  let at = headEnd + 1;
  const take = (length: number): ArrayBuffer => {
    // A copy of its own: a typed array must begin at a multiple of its element's size.
    const part = new ArrayBuffer(length);
    if (at + length > bytes.length) throw new RangeError("The word index is shorter than it says.");
    new Uint8Array(part).set(bytes.subarray(at, at + length));
    at += length;
    return part;
  };
  const terms = new Uint8Array(take(head.terms));
  const array = (name: (typeof ARRAYS)[number]): Uint32Array => new Uint32Array(take(head.lengths[name] * 4));
  return {
    terms,
    words: array("words"),
    first: array("first"),
    last: array("last"),
    count: array("count"),
    frequency: array("frequency"),
    lengths: new Uint16Array(take(head.chunks * 2)),
  };
}
