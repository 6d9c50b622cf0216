import { hashWord } from "../../src/embedding/word-table.ts";
import type { TrainingPassage } from "./read-passages.ts";

/** Words of a lesson that are kept: a teacher's work grows with the length of a text, and forty words say what a section is about. */
const MOST_WORDS = 40;
const FEWEST_WORDS = 4;

/**
 * Texts whose meaning a teacher is asked for: of each source alike many, and `glosses` of WordNet's meanings. By turns a sentence, as questions are, and
 * a heading with what follows, as passages are embedded. In no order that means anything: the first of them stand for all. Pure.
 */
export function chooseLessons(
  sources: readonly (readonly TrainingPassage[])[],
  wordNet: readonly string[],
  { passages, glosses }: { readonly passages: number; readonly glosses: number },
): readonly string[] {
  const each = Math.ceil(passages / sources.length);
  const told = sources.flatMap((source) => spread(source, each).map(toLesson));
  const texts = [...new Set([...told, ...spread(wordNet, glosses).map(toGloss)])];
  const order = new Map(texts.map((text) => [text, hashWord(text)[0]]));
  return texts
    .filter((text) => text.split(" ").length >= FEWEST_WORDS)
    .sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0) || (a < b ? -1 : 1));
}

function toLesson({ heading, text }: TrainingPassage, turn: number): string {
  if (turn % 2 === 0) return firstWords([heading, text].filter((part) => part !== "").join("\n"));
  const sentences = text.split(/(?<=[.;:!?]) +/);
  return firstWords(sentences[turn % sentences.length] ?? text);
}

/** Synonyms and what they mean: "lorry, truck: a large vehicle". */
function toGloss(line: string): string {
  const [head = "", gloss = ""] = line.split(" | ");
  const fields = head.split(" ");
  const count = Number.parseInt(fields[3] ?? "0", 16);
  const lemmas = Array.from({ length: count }, (_, at) => (fields[4 + at * 2] ?? "").replace(/_|\(.*\)/g, " ").trim());
  return firstWords(`${lemmas.join(", ")}: ${gloss.split("; ")[0] ?? ""}`.trim());
}

function firstWords(text: string): string {
  return text.split(" ").slice(0, MOST_WORDS).join(" ");
}

/** At most `most` of the items, evenly spread over all of them. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, items.length / most);
  const count = Math.min(items.length, most);
  return Array.from({ length: count }, (_, at) => items[Math.floor(at * step)]).flatMap((item) =>
    item === undefined ? [] : [item],
  );
}
