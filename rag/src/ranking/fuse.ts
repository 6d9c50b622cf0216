/** Passages by one kind of likeness, best first. */
export type Leg = readonly { readonly slot: number; readonly score: number }[];

interface Place {
  readonly score: number;
  readonly rank: number;
}

export interface Fused {
  readonly slot: number;
  readonly score: number;
  readonly lexical: Place | null;
  readonly dense: Place | null;
}

/**
 * Joins two legs by a convex combination of their scores, each scaled to [0, 1] by its own best and worst candidate:
 * `(1 - alpha) * words + alpha * meaning`. A leg that found nothing leaves the other as it is. Pure.
 */
export function fuse(words: Leg, meaning: Leg, alpha: number): readonly Fused[] {
  const weight = words.length === 0 ? 1 : meaning.length === 0 ? 0 : alpha;
  const fused = new Map<number, Fused>();
  const [bestWord, worstWord] = bounds(words);
  words.forEach(({ slot, score }, index) => {
    const scaled = (1 - weight) * scale(score, bestWord, worstWord);
    fused.set(slot, { slot, score: scaled, lexical: { score, rank: index + 1 }, dense: null });
  });
  const [best, worst] = bounds(meaning);
  meaning.forEach(({ slot, score }, index) => {
    const before = fused.get(slot);
    const scaled = weight * scale(score, best, worst);
    const lexical = before?.lexical ?? null;
    fused.set(slot, { slot, score: (before?.score ?? 0) + scaled, lexical, dense: { score, rank: index + 1 } });
  });
  return [...fused.values()];
}

function bounds(leg: Leg): readonly [number, number] {
  return [leg[0]?.score ?? 0, Math.min(leg.at(-1)?.score ?? 0, 0)];
}

function scale(score: number, best: number, worst: number): number {
  return best === worst ? 1 : (score - worst) / (best - worst);
}
