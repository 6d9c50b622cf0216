import type { TrainingPassage } from "./read-passages.ts";

/** Two texts that mean the same, as rows of the vocabulary. */
export interface TrainingPair {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

const MIN_WORDS = 3;
/** Share of sentence pairs whose first text loses every word of the second: only its meaning is left to find it by. */
const WITHOUT_SHARED = 0.6;

/** Pairs of a source's passages: heading and text, one sentence and the others, one passage and the next under the same heading. */
export function makePairs(
  passages: readonly TrainingPassage[],
  toRows: (text: string) => readonly number[],
  random: () => number,
): TrainingPair[] {
  const pairs: TrainingPair[] = [];
  const add = (left: readonly number[], right: readonly number[]): void => {
    const other = new Set(right);
    const kept = random() < WITHOUT_SHARED ? left.filter((row) => !other.has(row)) : left;
    const used = kept.length >= MIN_WORDS ? kept : left;
    if (used.length >= MIN_WORDS && right.length >= MIN_WORDS)
      pairs.push({ left: Int32Array.from(used.slice(0, 48)), right: Int32Array.from(right.slice(0, 128)) });
  };
  passages.forEach(({ heading, text }, index) => {
    const whole = toRows(text);
    const title = toRows(heading);
    if (title.length >= 1 && whole.length >= MIN_WORDS)
      pairs.push({ left: Int32Array.from(title.slice(0, 24)), right: Int32Array.from(whole.slice(0, 128)) });
    const sentences = text
      .split(/(?<=[.;:!?]) +/)
      .map(toRows)
      .filter((rows) => rows.length >= MIN_WORDS + 2);
    if (sentences.length >= 2) {
      for (let turn = 0; turn < Math.min(2, sentences.length - 1); turn++) {
        const at = Math.floor(random() * sentences.length);
        add(sentences[at] ?? [], [...title, ...sentences.filter((_rows, other) => other !== at).flat()]);
      }
    }
    const next = passages[index + 1];
    if (next !== undefined && next.heading === heading) add(whole, toRows(next.text));
  });
  return pairs;
}

/** Pairs of WordNet's `data.*` files: synonyms with their gloss, and each example with them. */
export function makeWordNetPairs(
  lines: readonly string[],
  toRows: (text: string) => readonly number[],
): TrainingPair[] {
  const pairs: TrainingPair[] = [];
  for (const line of lines) {
    const [head = "", gloss = ""] = line.split(" | ");
    const fields = head.split(" ");
    const count = Number.parseInt(fields[3] ?? "0", 16);
    const lemmas = Array.from({ length: count }, (_, index) => (fields[4 + index * 2] ?? "").replace(/_|\(.*\)/g, " "));
    const words = lemmas.flatMap((lemma) => [...toRows(lemma)]);
    const [meaning = "", ...examples] = gloss.split(/; "|"/);
    const told = toRows(meaning);
    const push = (left: readonly number[], right: readonly number[]): void => {
      if (left.length > 0 && right.length > 0)
        pairs.push({ left: Int32Array.from(left), right: Int32Array.from(right) });
    };
    push(words, told);
    for (const example of examples) {
      const rows = toRows(example);
      const rest = rows.filter((row) => !words.includes(row));
      if (rest.length >= MIN_WORDS) push(rest, [...words, ...told]);
    }
    const [first = "", ...others] = lemmas;
    for (const other of others) push(toRows(first), toRows(other));
  }
  return pairs;
}
