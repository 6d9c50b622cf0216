import { EXACT } from "../text/analyze.ts";

/** The word stems of a text, each once, with how often it stands there. */
export interface CountedTerms {
  readonly terms: readonly string[];
  readonly counts: Uint16Array;
  /** All terms of the text, its names among them. */
  readonly total: number;
}

/** Names stand for themselves and are left out: a question does not come to mean one by what its first answers hold. Pure. */
export function countTerms(terms: readonly string[]): CountedTerms {
  const counts = new Map<string, number>();
  for (const term of terms) if (!term.startsWith(EXACT)) counts.set(term, (counts.get(term) ?? 0) + 1);
  return { terms: [...counts.keys()], counts: Uint16Array.from(counts.values()), total: terms.length };
}

/** About a kilobyte each. */
const REMEMBERED = 1_024;

/** What was counted lately, by slot: the same passages come first for many questions, and to read one again costs more than to rank all. */
export class RecentCounts {
  private readonly recent = new Map<number, CountedTerms>();

  /** `count` is asked when the slot is not known. A slot must stand for the same text each time. */
  of(slot: number, count: () => CountedTerms): CountedTerms {
    const counted = this.recent.get(slot) ?? count();
    // Put last again: what was not asked for the longest goes first.
    this.recent.delete(slot);
    this.recent.set(slot, counted);
    if (this.recent.size > REMEMBERED) this.recent.delete(this.recent.keys().next().value ?? slot);
    return counted;
  }
}
