/** A question taken apart: words to rank by, phrases and exclusions to obey, filters to apply. */
export interface ParsedQuery {
  /** What is ranked: the text without its operators. */
  readonly text: string;
  /** In quotes: a hit must hold each, letter by letter but for case and white space. */
  readonly phrases: readonly string[];
  /** `-word`: a hit must not hold any. */
  readonly excluded: readonly string[];
  readonly filters: SearchFilters;
  /** "latest", "current" and the like: the newer of two answers is meant. */
  readonly asksForNewest: boolean;
}

/** Every filter that is given must hold. */
export interface SearchFilters {
  readonly collections?: readonly string[];
  /** All of them. */
  readonly tags?: readonly string[];
  readonly agent?: string;
  readonly project?: string;
  readonly type?: string;
  /** A prefix of the path: `memory/guides/`. */
  readonly path?: string;
  /** Milliseconds since 1970, both ends included. An undated document never passes. */
  readonly afterMs?: number;
  readonly beforeMs?: number;
}

const NEWEST = /\b(latest|newest|most recent(ly)?|current(ly)?|nowadays|up to date|last|now|today)\b/i;
const OPERATOR = /(?:^|\s)(tag|in|path|agent|project|type|after|before):(\S+)/g;

/** Reads `"a phrase"`, `-word` and `tag: in: path: agent: project: type: after: before:` out of a question. Pure. */
export function parseQuery(query: string): ParsedQuery {
  const phrases: string[] = [];
  const excluded: string[] = [];
  const tags: string[] = [];
  const collections: string[] = [];
  const single: { -readonly [K in keyof SearchFilters]: SearchFilters[K] } = {};
  const text = query
    .replace(/(^|\s)"([^"]+)"(?=\s|$)/g, (_all, before: string, phrase: string) => {
      phrases.push(phrase);
      return `${before}${phrase}`;
    })
    .replace(OPERATOR, (all, name: string, value: string) => {
      if (name === "tag") tags.push(value);
      else if (name === "in") collections.push(value);
      else if (name === "path" || name === "agent" || name === "project" || name === "type") single[name] = value;
      else {
        const at = Date.parse(value);
        if (Number.isNaN(at)) return all;
        if (name === "after") single.afterMs = at;
        else single.beforeMs = at;
      }
      return " ";
    })
    .replace(/(^|\s)-([\p{L}\p{N}][^\s]*)/gu, (_all, before: string, word: string) => {
      excluded.push(word);
      return before;
    })
    .trim();
  return {
    text,
    phrases,
    excluded,
    asksForNewest: NEWEST.test(text),
    filters: {
      ...single,
      ...(tags.length > 0 ? { tags } : {}),
      ...(collections.length > 0 ? { collections } : {}),
    },
  };
}
