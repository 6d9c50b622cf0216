import type { WeightedTerms } from "../lexical/lexical-index.ts";
import { countTerms } from "../ranking/count-terms.ts";
import { findRareNames, flatten, phraseHolders, phraseJudge } from "../ranking/exact-match.ts";
import { expand, isExpandable, weigh } from "../ranking/expand-query.ts";
import { type Fused, fuse, type Leg } from "../ranking/fuse.ts";
import { orderCandidates } from "../ranking/order-candidates.ts";
import { type ParsedQuery, parseQuery, type SearchFilters } from "../ranking/parse-query.ts";
import { recencyOf } from "../ranking/recency.ts";
import { spreadHits } from "../ranking/spread-hits.ts";
import { putSuccessorsFirst } from "../ranking/supersession.ts";
import { type FusionWeights, surenessOf, weightOfMeaning } from "../ranking/weigh-legs.ts";
import { analyze } from "../text/analyze.ts";
import { type Candidate, type Explanation, type Hit, toHit } from "./hit.ts";
import { type Passage, textOf } from "./passage.ts";
import type { PassageStore } from "./passage-store.ts";

export interface SearchRequest {
  readonly query: string;
  readonly limit: number;
  readonly mode?: "auto" | "lexical" | "dense";
  readonly filters?: SearchFilters;
  readonly explain?: boolean;
  /** What must not be answered, whatever the filters say. */
  readonly except?: { readonly collections: ReadonlySet<string>; readonly paths: ReadonlySet<string> };
}

/** The dense leg of one search: passages by likeness to its question, and how much that is worth beside words. */
export interface DenseLeg {
  readonly fusion: FusionWeights;
  nearest(limit: number, accepts: (slot: number) => boolean): Leg;
  /** Inner product of two passages' vectors; 0 when one has none. */
  likeness(slot: number, other: number): number;
}

/** The legs that an answer was made by. */
export type UsedMode = "lexical" | "hybrid" | "dense";

/** Without vectors a search by meaning is a search by words: an answer is better than none, and it says which it is. Pure. */
export function usedMode(dense: DenseLeg | null, { mode = "auto" }: Pick<SearchRequest, "mode">): UsedMode {
  if (dense === null || mode === "lexical") return "lexical";
  return mode === "dense" ? "dense" : "hybrid";
}

/** Candidates that each leg gives, for each hit that is asked for and at least. */
export const CANDIDATES = { perHit: 5, least: 60 } as const;
/** Inner product of unit vectors from which a passage answers a question that it shares no word with. */
const CLEARLY_ALIKE = 0.35;
/** Passages of one document in an answer. */
const PER_DOCUMENT = 2;
/** Candidates of the final order that are looked at for each hit: two a document, replaced ones and repeated texts fall out. */
const PLACED = { perHit: 4, least: 40 } as const;

/**
 * Searches a store. The answer is the same for the same documents and question, whatever the order they came in: equal scores are
 * ordered by citation.
 */
export function search(store: PassageStore, dense: DenseLeg | null, request: SearchRequest): readonly Hit[] {
  const query = parseQuery(request.query);
  const filters = { ...query.filters, ...request.filters };
  const accepts = (slot: number): boolean => {
    const passage = store.passageAt(slot);
    return passage !== null && isAllowed(passage, request.except) && passes(passage, filters) && holds(passage, query);
  };
  const mode = usedMode(dense, request);
  const { weights, sureness } = mode === "dense" ? NO_WORDS : termsToRank(store, query.text, accepts);
  const depth = Math.max(CANDIDATES.least, CANDIDATES.perHit * request.limit);
  const words: Leg = mode === "dense" ? [] : store.lexical.search(weights, depth, accepts);
  const near: Leg = mode === "lexical" || dense === null ? [] : dense.nearest(depth, accepts);
  // Without a word in common, only what is clearly alike is an answer; whoever asks for likeness gets the most alike.
  const meaning = mode === "dense" || words.length > 0 ? near : near.filter(({ score }) => score >= CLEARLY_ALIKE);
  const alpha = mode === "dense" ? 1 : dense === null ? 0 : weightOfMeaning(dense.fusion, sureness);
  const rare = findRareNames(query.text, (term) => store.lexical.slotsOf(term));
  const isPhraseIn = phraseJudge(query.text, rare.names.length > 0);
  const whole = new Set(isPhraseIn === null ? [] : findWhole(store, query.text, isPhraseIn));
  const newestMs = store.newestMs();
  const fused = withGuaranteed(fuse(words, meaning, alpha), [...whole, ...rare.slots], accepts);
  const candidates = fused.flatMap(({ slot, score, ...legs }): Candidate[] => {
    const passage = store.passageAt(slot);
    if (passage === null) return [];
    const { collection, meta } = passage.document.source;
    const aged = { collection, atMs: passage.atMs, evergreen: meta.evergreen };
    const recency = recencyOf(aged, newestMs, query.asksForNewest);
    const exactness = whole.has(slot) ? 2 : rare.slots.has(slot) ? 1 : 0;
    return [{ passage, score: score * recency, exactness, recency, ...legs }];
  });
  const ordered = orderCandidates(candidates, isPhraseIn);
  // Whoever names one thing wants that thing, not a choice of things.
  const spread =
    dense === null || mode === "lexical" || ordered.some(({ exactness }) => exactness > 0)
      ? ordered
      : spreadHits(ordered, (one, other) => dense.likeness(one.passage.slot, other.passage.slot));
  const successors = store.currentSuccessors();
  const placed = putSuccessorsFirst(
    spread.slice(0, Math.max(PLACED.least, PLACED.perHit * request.limit)),
    ({ passage }) => passage.document.source.path,
    successors,
    (path, instead) => {
      const passage = store.get(path)?.passages[0];
      return passage === undefined || !accepts(passage.slot)
        ? null
        : { ...instead, passage, lexical: null, dense: null };
    },
  );
  return thin(placed, request.limit).map((candidate) => {
    const supersededBy = successors.get(candidate.passage.document.source.path) ?? null;
    return toHit(candidate, supersededBy, request.explain === true ? explain(candidate, alpha, weights) : null);
  });
}

/** Passages that hold the whole question, letter by letter. */
function findWhole(store: PassageStore, text: string, isPhraseIn: (text: string) => boolean): readonly number[] {
  const { lexical } = store;
  const holders = phraseHolders(text, {
    frequencyOf: (term) => lexical.frequencyOf(term),
    slotsOf: (term) => lexical.slotsOf(term),
  });
  return holders.filter((slot) => {
    const passage = store.passageAt(slot);
    return passage !== null && isPhraseIn(textOf(passage));
  });
}

/** Names and whole questions have their place whatever the legs gave: neither knows that a question stands for one thing. */
function withGuaranteed(
  fused: readonly Fused[],
  slots: readonly number[],
  accepts: (slot: number) => boolean,
): readonly Fused[] {
  const given = new Set(fused.map(({ slot }) => slot));
  const more = [...new Set(slots)].filter((slot) => !given.has(slot) && accepts(slot));
  return [...fused, ...more.map((slot) => ({ slot, score: 0, lexical: null, dense: null }))];
}

interface RankedTerms {
  readonly weights: WeightedTerms;
  /** How much of the question stands in its best passage, in [0, 1]. */
  readonly sureness: number;
}

const NO_WORDS: RankedTerms = { weights: new Map(), sureness: 0 };

/** The question's own terms; for a question in words also those of its first answers. */
function termsToRank(store: PassageStore, text: string, accepts: (slot: number) => boolean): RankedTerms {
  const asked = weigh(analyze(text));
  const rarityOf = (term: string): number => store.lexical.rarityOf(term);
  const first = store.lexical.search(asked, 5, accepts);
  const sureness = surenessOf(first[0]?.score ?? 0, asked, rarityOf);
  if (first.length === 0 || !isExpandable(asked)) return { weights: asked, sureness };
  const passages = first.flatMap(({ slot, score }) => {
    const passage = store.passageAt(slot);
    if (passage === null) return [];
    return [{ score, counted: store.counted.of(slot, () => countTerms(analyze(textOf(passage)))) }];
  });
  return { weights: expand(asked, passages, rarityOf), sureness };
}

/** At most two passages of a document, and no passage twice under another name. */
function thin(candidates: readonly Candidate[], limit: number): readonly Candidate[] {
  const perDocument = new Map<string, number>();
  const texts = new Set<string>();
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    if (kept.length >= limit) break;
    const { path } = candidate.passage.document.source;
    const count = perDocument.get(path) ?? 0;
    const text = textOf(candidate.passage);
    if (count >= PER_DOCUMENT || texts.has(text)) continue;
    perDocument.set(path, count + 1);
    texts.add(text);
    kept.push(candidate);
  }
  return kept;
}

function isAllowed({ document: { source } }: Passage, except: SearchRequest["except"]): boolean {
  return except === undefined || !(except.collections.has(source.collection) || except.paths.has(source.path));
}

function passes({ document: { source }, atMs }: Passage, filters: SearchFilters): boolean {
  const { meta } = source;
  const dated = filters.afterMs === undefined && filters.beforeMs === undefined;
  return (
    (filters.collections?.includes(source.collection) ?? true) &&
    (filters.tags?.every((tag) => meta.tags.includes(tag)) ?? true) &&
    (filters.agent === undefined || meta.agent === filters.agent) &&
    (filters.project === undefined || meta.project === filters.project) &&
    (filters.type === undefined || meta.type === filters.type) &&
    (filters.path === undefined || source.path.startsWith(filters.path)) &&
    (dated || (atMs !== null && atMs >= (filters.afterMs ?? -Infinity) && atMs <= (filters.beforeMs ?? Infinity)))
  );
}

function holds(passage: Passage, { phrases, excluded }: ParsedQuery): boolean {
  if (phrases.length === 0 && excluded.length === 0) return true;
  const flat = flatten(textOf(passage));
  return (
    phrases.every((one) => flat.includes(flatten(one))) && !excluded.some((one) => flat.includes(one.toLowerCase()))
  );
}

function explain(
  { lexical, dense, recency, exactness }: Candidate,
  alpha: number,
  weights: WeightedTerms,
): Explanation {
  const terms = Object.fromEntries([...weights].map(([term, weight]) => [term, Math.round(weight * 1_000) / 1_000]));
  return { lexical, dense, alpha, recency: Math.round(recency * 1_000) / 1_000, exactness, terms };
}
