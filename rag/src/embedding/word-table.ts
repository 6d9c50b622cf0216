/** Two independent 32-bit hashes of a word: together they name it among a million without keeping its letters. Pure. */
export function hashWord(word: string): readonly [number, number] {
  let first = 0x811c9dc5;
  let second = 0x9e3779b9;
  for (let at = 0; at < word.length; at++) {
    const unit = word.charCodeAt(at);
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ unit, 0x85ebca6b);
    second ^= second >>> 13;
  }
  return [first >>> 0, second >>> 0];
}

/** Words that a static model may know: lower-case letters, with an apostrophe inside. */
export const MODEL_WORD = /[a-z][a-z']*/g;

/** Row of a word in an open-addressed table of (second hash, row + 1) pairs; -1 when it has none. The size is a power of two. */
export function findRow(table: Uint32Array, word: string): number {
  const [first, second] = hashWord(word);
  const mask = table.length / 2 - 1;
  for (let at = first & mask; ; at = (at + 1) & mask) {
    const row = table[at * 2 + 1] ?? 0;
    if (row === 0) return -1;
    if (table[at * 2] === second) return row - 1;
  }
}
