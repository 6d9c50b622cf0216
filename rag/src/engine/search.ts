import type { WeightedTerms } from "../lexical/lexical-index.ts";
import { type Exactness, findRareNames, flatten, phraseJudge } from "../ranking/exact-match.ts";
import { expand, isExpandable, weigh } from "../ranking/expand-query.ts";
import { fuse, type Leg } from "../ranking/fuse.ts";
import { type ParsedQuery, parseQuery, type SearchFilters } from "../ranking/parse-query.ts";
import { recencyOf } from "../ranking/recency.ts";
import { putSuccessorsFirst } from "../ranking/supersession.ts";
import { analyze } from "../text/analyze.ts";
import { type Candidate, type Explanation, type Hit, toHit } from "./hit.ts";
import { citationOf, type Passage, textOf } from "./passage.ts";
import type { PassageStore } from "./passage-store.ts";

export interface SearchRequest {
  readonly query: string;
  readonly limit: number;
  readonly mode?: "auto" | "lexical" | "dense";
  readonly filters?: SearchFilters;
  readonly explain?: boolean;
}

/** The dense leg of a search: passages by likeness to the question, and how much that is worth beside words. */
export interface DenseLeg {
  readonly alpha: number;
  nearest(query: string, limit: number, accepts: (slot: number) => boolean): Leg;
}

/** Candidates that each leg may give: five times the largest answer. */
const CANDIDATES = 250;
/** Inner product of unit vectors from which a passage answers a question that it shares no word with. */
const CLEARLY_ALIKE = 0.35;
/** Passages of one document in an answer. */
const PER_DOCUMENT = 2;
/** A passage with a rare name of the question is lifted to at least this place. */
const EXACT_SLOT = 3;
const WHOLE: Exactness = 2;
/** The whole question is looked for in this many of the best candidates: reading all would cost more than ranking them. */
const READ_FOR_PHRASE = 40;

/**
 * Searches a store. The answer is the same for the same documents and question, whatever the order they came in: equal scores are
 * ordered by citation.
 */
export function search(store: PassageStore, dense: DenseLeg | null, request: SearchRequest): readonly Hit[] {
  const query = parseQuery(request.query);
  const filters = { ...query.filters, ...request.filters };
  const accepts = (slot: number): boolean => {
    const passage = store.passageAt(slot);
    return passage !== null && passes(passage, filters) && holds(passage, query);
  };
  // Without vectors a search by meaning is a search by words: an answer is better than none, and it says which it is.
  const mode = dense === null ? "lexical" : (request.mode ?? "auto");
  const weights = mode === "dense" ? new Map<string, number>() : termsToRank(store, query.text, accepts);
  const words: Leg = mode === "dense" ? [] : store.lexical.search(weights, CANDIDATES, accepts);
  const near: Leg = mode === "lexical" || dense === null ? [] : dense.nearest(query.text, CANDIDATES, accepts);
  // Without a word in common, only what is clearly alike is an answer.
  const meaning = words.length > 0 ? near : near.filter(({ score }) => score >= CLEARLY_ALIKE);
  const alpha = mode === "dense" ? 1 : (dense?.alpha ?? 0);
  const rare = findRareNames(query.text, (term) => store.lexical.slotsOf(term));
  const newestMs = store.newestMs();
  const candidates = fuse(words, meaning, alpha).flatMap(({ slot, score, ...legs }): Candidate[] => {
    const passage = store.passageAt(slot);
    if (passage === null) return [];
    const { collection, meta } = passage.document.source;
    const aged = { collection, atMs: passage.atMs, evergreen: meta.evergreen };
    const recency = recencyOf(aged, newestMs, query.asksForNewest);
    const exactness = rare.slots.has(slot) ? 1 : 0;
    return [{ passage, score: score * recency, exactness, recency, ...legs }];
  });
  const ordered = orderCandidates(candidates, phraseJudge(query.text, rare.names.length > 0));
  const successors = store.currentSuccessors();
  const placed = putSuccessorsFirst(
    ordered,
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

/** The question's own terms; for a question in words also those of its first answers. */
function termsToRank(store: PassageStore, text: string, accepts: (slot: number) => boolean): WeightedTerms {
  const weights = weigh(analyze(text));
  if (!isExpandable(weights)) return weights;
  const passages = store.lexical.search(weights, 5, accepts).flatMap(({ slot, score }) => {
    const passage = store.passageAt(slot);
    return passage === null ? [] : [{ score, terms: analyze(textOf(passage)) }];
  });
  return passages.length === 0 ? weights : expand(weights, passages, (term) => store.lexical.rarityOf(term));
}

/** By score; then a passage that holds the whole question comes first, and one with a rare name of it not below the third place. */
function orderCandidates(
  candidates: readonly Candidate[],
  isPhraseIn: (text: string) => boolean,
): readonly Candidate[] {
  const byScore = (a: Candidate, b: Candidate): number =>
    b.score - a.score || (citationOf(a.passage) < citationOf(b.passage) ? -1 : 1);
  const sorted = [...candidates]
    .sort(byScore)
    .map((one, index) =>
      index < READ_FOR_PHRASE && isPhraseIn(textOf(one.passage)) ? { ...one, exactness: WHOLE } : one,
    );
  const whole = sorted.filter(({ exactness }) => exactness === WHOLE);
  const rest = sorted.filter(({ exactness }) => exactness !== WHOLE);
  const room = Math.max(0, EXACT_SLOT - whole.length);
  const named = rest.filter(({ exactness }) => exactness === 1).slice(0, room);
  const others = rest.filter((one) => !named.includes(one)).slice(0, room - named.length);
  const head = [...named, ...others].sort(byScore);
  return [...whole, ...head, ...rest.filter((one) => !head.includes(one))];
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
