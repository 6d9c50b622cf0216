import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Embedder, ModelState } from "./embedder.ts";
import { findRow, MODEL_WORD } from "./word-table.ts";

const share = z.number().min(0).max(1);
const cardSchema = z.object({
  id: z.string(),
  file: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  words: z.int(),
  dims: z.int(),
  fusion: z.object({ sure: share, unsure: share }),
  selftest: z.array(z.object({ text: z.string(), vector: z.array(z.number()) })).min(2),
});

/** Words of a text that are read: what stands later says little more, and one long passage must not take long. */
const MAX_WORDS = 400;
/** A component of a self-test vector may differ by this much: rounding of another processor, never another model. */
const TOLERANCE = 1e-5;

/** Embeds at once: what the scripts that make and judge a model need. */
export interface StaticEmbedder extends Embedder {
  embed(text: string): Float32Array;
  /** What a word adds to the sum; null when the model does not know it. */
  wordVector(word: string): Float32Array | null;
}

/** The model that ships with the service: one vector a word, averaged. `scripts/make-static-model.ts` makes it. */
export const SHIPPED_MODEL = new URL("./models/elk-static-v3.json", import.meta.url);

/**
 * Loads a static model and proves it: the digest of its file, then the committed vectors of committed sentences. Never throws: a model
 * that is absent or fails its proof gives no embedder, and the search goes on by words.
 */
export function loadStaticEmbedder(card: URL): {
  readonly state: ModelState;
  readonly embedder: StaticEmbedder | null;
} {
  let bytes: Buffer;
  let facts: z.infer<typeof cardSchema>;
  try {
    facts = cardSchema.parse(JSON.parse(readFileSync(card, "utf8")));
    bytes = readFileSync(new URL(facts.file, card));
  } catch {
    // No card, no file, or a card of another form: there is no model here.
    return { state: "missing", embedder: null };
  }
  if (createHash("sha256").update(bytes).digest("hex") !== facts.sha256) return { state: "unverified", embedder: null };
  const embedder = toEmbedder(facts, bytes);
  const isProven = facts.selftest.every(({ text, vector }) => {
    const made = embedder.embed(text);
    return vector.every((value, index) => Math.abs(value - (made[index] ?? 0)) < TOLERANCE);
  });
  return isProven ? { state: "verified", embedder } : { state: "unverified", embedder: null };
}

function toEmbedder({ id, sha256, dims, words, fusion }: z.infer<typeof cardSchema>, bytes: Buffer): StaticEmbedder {
  const whole = new Uint8Array(bytes).buffer;
  const tableWords = (whole.byteLength - words * (4 + dims)) / 4;
  const table = new Uint32Array(whole, 0, tableWords);
  const scales = new Float32Array(whole, tableWords * 4, words);
  const rows = new Int8Array(whole, tableWords * 4 + words * 4, words * dims);
  const embed = (text: string): Float32Array => {
    const sum = new Float32Array(dims);
    let left = MAX_WORDS;
    for (const [word] of text.toLowerCase().matchAll(MODEL_WORD)) {
      if (left-- === 0) break;
      const row = findRow(table, word);
      if (row < 0) continue;
      const scale = scales[row] ?? 0;
      for (let k = 0, at = row * dims; k < dims; k++, at++) sum[k] = (sum[k] ?? 0) + scale * (rows[at] ?? 0);
    }
    return toUnit(sum);
  };
  const wordVector = (word: string): Float32Array | null => {
    const row = findRow(table, word);
    if (row < 0) return null;
    return Float32Array.from(rows.subarray(row * dims, (row + 1) * dims), (byte) => byte * (scales[row] ?? 0));
  };
  return {
    id,
    digest: sha256,
    dims,
    fusion,
    batch: 32,
    embed,
    wordVector,
    embedQuery: (text) => Promise.resolve(embed(text)),
    embedPassages: (texts) => Promise.resolve(texts.map(embed)),
    close: () => Promise.resolve(),
  };
}

function toUnit(vector: Float32Array): Float32Array {
  let square = 0;
  for (const value of vector) square += value * value;
  if (square === 0) return vector;
  const length = Math.sqrt(square);
  for (let k = 0; k < vector.length; k++) vector[k] = (vector[k] ?? 0) / length;
  return vector;
}
