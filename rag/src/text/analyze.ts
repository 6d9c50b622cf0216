import { stemmer } from "stemmer";
import { STOP_WORDS } from "./stop-words.ts";

/**
 * Marks a term that stands for itself, letter by letter: an identifier, path, version, hash or number. All other terms are
 * word stems.
 */
export const EXACT = "=";

/** Changes whenever the same text would give other terms: an index made by another version is not used. */
export const ANALYZER_VERSION = 1;

const TOKEN = /[\p{L}\p{N}_#$@^][\p{L}\p{N}_.\-/:#@+]*/gu;
/** Longer runs without a blank are encoded data; they are cut off here, so that they cannot fill the dictionary. */
const MAX_TERM_CHARS = 64;
/** The same words are read again and again; past this many the memory of them is emptied. */
const MAX_KNOWN_TOKENS = 30_000;

const known = new Map<string, readonly string[]>();

/**
 * Terms of a text, in order, repeated as often as they occur. A word gives its stem; a name from code gives itself, exact,
 * and the stems of its parts, so that `claim_epoch`, `claimEpoch` and `epoch` find each other. Stop words give nothing. Pure.
 */
export function analyze(text: string): string[] {
  const terms: string[] = [];
  for (const [token] of text.matchAll(TOKEN)) for (const term of known.get(token) ?? learn(token)) terms.push(term);
  return terms;
}

function learn(token: string): readonly string[] {
  if (token.length > MAX_TERM_CHARS) return termsOf(token);
  // The token is a window on the text that it was cut from, which would be held as long as it: a copy holds nothing else.
  const copy = Buffer.from(token).toString();
  const terms = termsOf(copy);
  if (known.size >= MAX_KNOWN_TOKENS) known.clear();
  known.set(copy, terms);
  return terms;
}

function termsOf(token: string): readonly string[] {
  const whole = token.replace(/[.\-/:#@+]+$/u, "");
  if (whole === "") return [];
  const terms: string[] = [];
  const parts = splitName(whole);
  if (isName(whole, parts)) terms.push(EXACT + whole.toLowerCase().slice(0, MAX_TERM_CHARS));
  for (const part of parts) {
    const word = part.toLowerCase();
    if (!STOP_WORDS.has(word)) terms.push(stemOf(word));
  }
  return terms;
}

/** Whether a query asks for this very string: it holds a digit or a sign, or mixes cases as names in code do. */
function isName(whole: string, parts: readonly string[]): boolean {
  return parts.length !== 1 || parts[0] !== whole || /\p{N}/u.test(whole);
}

function splitName(word: string): string[] {
  return word
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== "");
}

function stemOf(word: string): string {
  return /^[a-z]{3,40}$/.test(word) ? stemmer(word) : word.slice(0, MAX_TERM_CHARS);
}
