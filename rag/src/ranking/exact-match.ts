import { analyze, EXACT } from "../text/analyze.ts";

/** How literally a passage holds what was asked: 2 the whole question, 1 a name in it that is rare, 0 neither. */
export type Exactness = 0 | 1 | 2;

/** A name that stands in more passages than this names nothing in particular. */
const RARE = 5;
/** Shorter questions occur by chance inside longer words. */
const MIN_PHRASE_CHARS = 4;

/** Lower case, each run of white space one blank: what `includes` compares. */
export function flatten(text: string): string {
  return text.toLowerCase().replace(/\s+/g, " ").trim();
}

/** The ids, paths, versions, hashes and error codes of a question that stand in few passages, with where they stand. */
export function findRareNames(
  query: string,
  slotsOf: (term: string) => readonly number[],
): { readonly names: readonly string[]; readonly slots: ReadonlySet<number> } {
  const names: string[] = [];
  const slots = new Set<number>();
  for (const term of new Set(analyze(query))) {
    if (!term.startsWith(EXACT) || !isDistinct(term.slice(EXACT.length))) continue;
    const holders = slotsOf(term);
    if (holders.length === 0 || holders.length > RARE) continue;
    names.push(term);
    for (const slot of holders) slots.add(slot);
  }
  return { names, slots };
}

/**
 * A judge whether a passage holds the whole question, letter by letter but for case and white space; null for a question of one plain word,
 * which each passage that holds the word would be an answer to.
 */
export function phraseJudge(query: string, hasName: boolean): ((text: string) => boolean) | null {
  const flat = flatten(query);
  if (flat.length < MIN_PHRASE_CHARS || !(flat.includes(" ") || hasName)) return null;
  const pattern = new RegExp(flat.split(" ").map(escapePattern).join("\\s+"), "iu");
  return (text) => pattern.test(text);
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** A short bare number or a capitalised word is no name; an id, path, version, hash or error code is. */
function isDistinct(name: string): boolean {
  return /\p{N}/u.test(name) ? name.length >= 4 || /[^\p{N}]/u.test(name) : /[_./:#$@^-]/.test(name);
}
