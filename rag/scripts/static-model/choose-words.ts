import { MODEL_WORD } from "../../src/embedding/word-table.ts";
import type { TrainingPassage } from "./read-passages.ts";

export interface ModelWord {
  readonly word: string;
  /** Share of all words that are this one, where it is said most: in the texts or in English. */
  readonly probability: number;
}

/** Words of the texts may take this share of the vocabulary; a word that is not among English's must be said this often. */
const FROM_TEXTS = 0.7;
const SAID_OFTEN = { known: 3, unknown: 15 } as const;
const LONGEST_WORD = 32;
/** English words that are looked at, by how often they are written. */
const ENGLISH_WORDS = 150_000;
/** Zipf's law gives the probability of the word at a rank: 1 / (rank + 2.7), as Mandelbrot has it, over the words that there are. */
const MANDELBROT = 2.7;
const RANKS = 400_000;
const UNKNOWN_RANK = 200_000;

/** The words of the texts by how often they are said, then English's: `english` is every token by how often it is written. */
export function chooseWords(
  sources: readonly (readonly TrainingPassage[])[],
  english: readonly string[],
  most: number,
): readonly ModelWord[] {
  const ranks = new Map(
    english
      .map((word, rank) => [word, rank] as const)
      .filter(([word]) => /^[a-z][a-z']*$/.test(word))
      .slice(0, ENGLISH_WORDS),
  );
  const said = countWords(sources);
  const often = [...said]
    .filter(([word, count]) => count >= (ranks.has(word) ? SAID_OFTEN.known : SAID_OFTEN.unknown))
    .filter(([word]) => word.length <= LONGEST_WORD)
    .sort((a, b) => b[1] - a[1])
    .slice(0, Math.floor(most * FROM_TEXTS));
  const chosen = new Set(often.map(([word]) => word));
  for (const word of ranks.keys()) if (chosen.size < most) chosen.add(word);
  const inTexts = [...chosen].reduce((sum, word) => sum + (said.get(word) ?? 0), 0);
  let inEnglish = 0;
  for (let rank = 0; rank < RANKS; rank++) inEnglish += 1 / (rank + MANDELBROT);
  return [...chosen].map((word) => {
    const zipf = 1 / ((ranks.get(word) ?? UNKNOWN_RANK) + MANDELBROT) / inEnglish;
    return { word, probability: Math.max(zipf, (said.get(word) ?? 0) / inTexts) };
  });
}

function countWords(sources: readonly (readonly TrainingPassage[])[]): ReadonlyMap<string, number> {
  const said = new Map<string, number>();
  for (const passages of sources)
    for (const { heading, text } of passages)
      for (const [word] of `${heading} ${text}`.toLowerCase().matchAll(MODEL_WORD))
        said.set(word, (said.get(word) ?? 0) + 1);
  return said;
}
