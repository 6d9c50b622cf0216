import { MODEL_WORD } from "../../src/embedding/word-table.ts";
import type { ModelWord } from "./choose-words.ts";
import { encodeModel } from "./encode-model.ts";
import { alongAxes, meanOf, principalAxes } from "./principal-axes.ts";
import { type TeachingPlan, teachRows } from "./teach-rows.ts";

/** Weight a / (a + p) of a word with probability p (Arora et al. 2017, "smooth inverse frequency"). */
const SMOOTHING = 1e-4;

export interface Schooling {
  readonly words: readonly ModelWord[];
  readonly texts: readonly string[];
  /** What the teacher says of them: vectors of `teacherDims` numbers, one after the other. */
  readonly ofWords: Float32Array;
  readonly ofTexts: Float32Array;
  readonly teacherDims: number;
  readonly plan: TeachingPlan;
}

/** The model's bytes. Row n belongs to word n. The same input gives the same bytes; it reads no clock, no file and no chance. */
export function teachModel(
  { words, texts, ofWords, ofTexts, teacherDims, plan }: Schooling,
  told: (line: string) => void,
): Buffer {
  const { dims } = plan;
  const random = makeRandom();
  const axes = principalAxes(ofTexts, teacherDims, dims, random);
  const alone = alongAxes(ofWords, axes, meanOf(ofWords, teacherDims));
  const targets = new Float32Array((texts.length + words.length) * dims);
  targets.set(alongAxes(ofTexts, axes, axes.mean));
  targets.set(alone, texts.length * dims);
  const rows = alone.map((value, at) => {
    const probability = words[Math.floor(at / dims)]?.probability ?? 0;
    return (value * SMOOTHING) / (SMOOTHING + probability);
  });
  const rowOf = new Map(words.map(({ word }, row) => [word, row]));
  const toRows = (text: string): Int32Array =>
    Int32Array.from([...text.toLowerCase().matchAll(MODEL_WORD)].flatMap(([word]) => rowOf.get(word) ?? []));
  // A word alone is a lesson, too: few texts must not carry it away from what it means.
  const lessons = [
    ...texts.map((text, target) => ({ words: toRows(text), target })).filter((lesson) => lesson.words.length > 0),
    ...words.map((_word, row) => ({ words: Int32Array.of(row), target: texts.length + row })),
  ];
  told(`${words.length} words, ${lessons.length} lessons`);
  teachRows(rows, lessons, targets, plan, random, told);
  return encodeModel(
    words.map(({ word }) => word),
    rows,
    dims,
  );
}

/** A fixed row of numbers in [0, 1): the same at each run. */
function makeRandom(): () => number {
  let seed = 7;
  return () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
}
