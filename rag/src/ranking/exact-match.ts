import { analyze, EXACT } from "../text/analyze.ts";

/** How literally a passage holds what was asked: 2 the whole question, 1 a name in it that is rare, 0 neither. */
export type Exactness = 0 | 1 | 2;

/** A name that stands in more passages than this names nothing in particular. */
const RARE = 5;
/** The whole question is looked for in every passage that holds its rarest term, unless those are more than this: a text of 256 pages is read in a millisecond. */
const MOST_READ = 256;
/** Shorter questions occur by chance inside longer words. */
const MIN_PHRASE_CHARS = 4;

/** A name from code by its inner capitals: `claimEpoch`. `GitHub` may be one or a word like others. */
const CAMEL = /(?<![\p{L}\p{N}])\p{Ll}+(?:\p{Lu}\p{Ll}*)+(?![\p{L}\p{N}])/gu;

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
  const camel = new Set([...query.matchAll(CAMEL)].map(([name]) => name.toLowerCase()));
  for (const term of new Set(analyze(query))) {
    if (!term.startsWith(EXACT)) continue;
    const name = term.slice(EXACT.length);
    // Whoever says nothing but a name with capitals in it means that name.
    if (!isDistinct(name) && !camel.has(name) && !isAlone(name, query)) continue;
    const holders = slotsOf(term);
    if (holders.length === 0 || holders.length > RARE) continue;
    names.push(term);
    for (const slot of holders) slots.add(slot);
  }
  return { names, slots };
}

/** What `phraseHolders` needs of the word index. */
interface Postings {
  frequencyOf(term: string): number;
  slotsOf(term: string): readonly number[];
}

/** Slots that may hold the whole question, for a judge: those of its rarest term; none when that stands in too many. Pure. */
export function phraseHolders(query: string, { frequencyOf, slotsOf }: Postings): readonly number[] {
  const terms = analyze(query).map((term) => ({ term, frequency: frequencyOf(term) }));
  const rarest = terms.sort((a, b) => a.frequency - b.frequency)[0];
  return rarest === undefined || rarest.frequency > MOST_READ ? [] : slotsOf(rarest.term);
}

/**
 * A judge whether a passage holds the whole question, letter by letter but for case and white space; null for a question of one plain word,
 * which each passage that holds the word would be an answer to.
 */
export function phraseJudge(query: string, hasName: boolean): ((text: string) => boolean) | null {
  const flat = flatten(query);
  if (flat.length < MIN_PHRASE_CHARS || !(flat.includes(" ") || hasName)) return null;
  const words = flat.split(" ");
  const pattern = new RegExp(words.map(escapePattern).join("\\s+"), "iu");
  // Few passages hold the longest word at all, and to look for it costs less than the pattern.
  const longest = words.reduce((one, other) => (other.length > one.length ? other : one));
  return (text) => text.toLowerCase().includes(longest) && pattern.test(text);
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** Whether a question is one such word and nothing else; a bare number is not. */
function isAlone(name: string, query: string): boolean {
  return query.trim().toLowerCase() === name && !/^\p{N}+$/u.test(name);
}

/** A short bare number or a word of letters alone is no name; an id, path, version, hash or error code is. */
function isDistinct(name: string): boolean {
  return /\p{N}/u.test(name) ? name.length >= 4 || /[^\p{N}]/u.test(name) : /[_./:#$@^-]/.test(name);
}
