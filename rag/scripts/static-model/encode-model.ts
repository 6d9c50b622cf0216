import { hashWord } from "../../src/embedding/word-table.ts";

/** The model as bytes: a table of hashed words, one scale a row, then the rows in 8 bits. Row n belongs to word n. Pure. */
export function encodeModel(words: readonly string[], rows: Float32Array, dims: number): Buffer {
  const slots = 2 ** Math.ceil(Math.log2(words.length * 1.5));
  const table = new Uint32Array(slots * 2);
  words.forEach((word, row) => {
    const [first, second] = hashWord(word);
    let at = first & (slots - 1);
    for (; table[at * 2 + 1] !== 0; at = (at + 1) & (slots - 1)) {
      if (table[at * 2] === second) throw new Error(`"${word}" cannot be told from another word`);
    }
    table.set([second, row + 1], at * 2);
  });
  const scales = new Float32Array(words.length);
  const bytes = new Int8Array(rows.length);
  words.forEach((_word, row) => {
    const vector = rows.subarray(row * dims, (row + 1) * dims);
    const scale = vector.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-9) / 127;
    scales[row] = scale;
    for (let k = 0; k < dims; k++) bytes[row * dims + k] = Math.round((vector[k] ?? 0) / (scales[row] ?? 1));
  });
  return Buffer.concat([table, scales, bytes].map((array) => Buffer.from(array.buffer)));
}
