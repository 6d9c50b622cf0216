/** The same seed gives the same texts; another one others, so that each passage wants a new vector. */
export const MADE_SEED = 41;

/** Documents of ten sections whose words follow Zipf's law over `words`: the form of real notes, no meaning. The same for the same seed. */
export function makeDocuments(
  words: readonly string[],
  chunks: number,
  seed: number,
): { readonly id: string; readonly title: string; readonly text: string }[] {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const word = (): string => words[Math.floor(words.length ** random()) - 1] ?? "word";
  const sentence = (): string => `${Array.from({ length: 12 }, word).join(" ")} W${Math.floor(random() * 50_000)}.`;
  const section = (n: number): string => `## ${word()} ${n}\n\n${Array.from({ length: 6 }, sentence).join(" ")}\n`;
  return Array.from({ length: chunks / 10 }, (_, n) => ({
    id: `memory/d${n}.md`,
    title: "",
    text: Array.from({ length: 10 }, (_, part) => section(n * 10 + part)).join("\n"),
  }));
}

/** Words of texts, each once. */
export function wordsOf(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => text.match(/[\p{L}][\p{L}\p{N}_-]+/gu) ?? []))];
}
