import type { Exactness } from "../ranking/exact-match.ts";
import { breadcrumbOf, citationOf, type Passage, textOf } from "./passage.ts";

/** One passage of an answer. `text` is, byte for byte, the cited lines of the file. */
export interface Hit {
  readonly path: string;
  readonly collection: string;
  readonly title: string;
  readonly headings: readonly string[];
  readonly lines: { readonly start: number; readonly end: number };
  /** `memory/embedded-postgres.md#L3-L9` */
  readonly citation: string;
  readonly text: string;
  /** Comparable inside one answer only. */
  readonly score: number;
  readonly tags: readonly string[];
  /** ISO time; null when the document does not say. */
  readonly at: string | null;
  /** Path of the document that replaced this one; null when it still holds. */
  readonly superseded_by: string | null;
  readonly explain?: Explanation;
}

/** Why a hit stands where it stands. */
export interface Explanation {
  /** BM25F score and rank among all candidates; null when its words were not the reason. */
  readonly lexical: { readonly score: number; readonly rank: number } | null;
  readonly dense: { readonly score: number; readonly rank: number } | null;
  /** Weight of the dense leg in [0, 1]. */
  readonly alpha: number;
  readonly recency: number;
  readonly exactness: Exactness;
  /** The words that were ranked by, with those taken from the first answers. */
  readonly terms: Readonly<Record<string, number>>;
}

/** A passage on its way into an answer. */
export interface Candidate {
  readonly passage: Passage;
  readonly score: number;
  readonly exactness: Exactness;
  readonly recency: number;
  readonly lexical: { readonly score: number; readonly rank: number } | null;
  readonly dense: { readonly score: number; readonly rank: number } | null;
}

export function toHit(
  { passage, score }: Candidate,
  supersededBy: string | null,
  explanation: Explanation | null,
): Hit {
  const { source, title } = passage.document;
  return {
    path: source.path,
    collection: source.collection,
    title,
    headings: breadcrumbOf(title, passage.headings),
    lines: { start: passage.lineStart, end: passage.lineEnd },
    citation: citationOf(passage),
    text: textOf(passage),
    score: Math.round(score * 10_000) / 10_000,
    tags: source.meta.tags,
    at: passage.atMs === null ? null : new Date(passage.atMs).toISOString(),
    superseded_by: supersededBy,
    ...(explanation === null ? {} : { explain: explanation }),
  };
}
