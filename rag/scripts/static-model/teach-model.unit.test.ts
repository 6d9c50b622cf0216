import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadStaticEmbedder, SHIPPED_MODEL, type StaticEmbedder } from "../../src/embedding/static-embedder.ts";
import { chooseWords } from "./choose-words.ts";
import { type Schooling, teachModel } from "./teach-model.ts";

const MEMORY = resolve(import.meta.dirname, "../../../memory");
const PLAN = { dims: 16, passes: 3, batch: 8, rate: 0.003 } as const;
const WORDS = 400;

let teacher: StaticEmbedder;
let schooling: Schooling;
beforeAll(() => {
  const { embedder } = loadStaticEmbedder(SHIPPED_MODEL);
  if (embedder === null) throw new Error("The shipped model cannot be loaded.");
  teacher = embedder;
  const texts = readdirSync(MEMORY)
    .filter((name) => name.endsWith(".md"))
    .sort()
    .flatMap((name) => readFileSync(join(MEMORY, name), "utf8").split(/\n\n+/));
  const passages = texts.map((text) => ({ heading: "", text }));
  const words = chooseWords([passages], ["the", "board", "lease", "claim"], WORDS);
  schooling = {
    ...{ words, texts, teacherDims: teacher.dims, plan: PLAN },
    ofWords: vectorsOf(words.map(({ word }) => word)),
    ofTexts: vectorsOf(texts),
  };
});

function vectorsOf(texts: readonly string[]): Float32Array {
  return Float32Array.from(texts.flatMap((text) => [...teacher.embed(text)]));
}

const digestOf = (input: Schooling) => {
  const told: string[] = [];
  const bytes = teachModel(input, (line) => told.push(line));
  return { sha256: createHash("sha256").update(bytes).digest("hex"), told };
};

describe("the making of a static model", () => {
  it("gives the same bytes each time from the same texts and the same answers of the teacher", () => {
    expect(digestOf(schooling)).toEqual(digestOf(schooling));
  });

  it("gives others when the teacher says something else of one text", () => {
    const ofTexts = Float32Array.from(schooling.ofTexts);
    ofTexts.set(ofTexts.subarray(teacher.dims, 2 * teacher.dims));
    expect(digestOf({ ...schooling, ofTexts }).sha256).not.toBe(digestOf(schooling).sha256);
  });

  it("brings texts nearer to what the teacher says of them with each pass", () => {
    const cosines = digestOf(schooling).told.flatMap((line) => /cosine ([\d.]+)/.exec(line)?.[1] ?? []);
    expect(cosines).toHaveLength(PLAN.passes);
    expect(cosines.map(Number)).toEqual(cosines.map(Number).toSorted());
    expect(Number(cosines.at(-1))).toBeGreaterThan(Number(cosines[0]));
  });
});
