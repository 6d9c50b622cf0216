/** How far a hit may fall for saying what a better one said, as a share of its score, and the likeness from which it does. */
const LARGEST_LOSS = 0.25;
const MUCH_ALIKE = 0.9;
/** Only this many of the best are compared with each other. */
const WINDOW = 30;

/**
 * Maximal marginal relevance, bounded: of the best candidates each next one is the best by score, less up to a quarter for being nearly the
 * same as one already taken. The first stays first. `likeness` is an inner product of unit vectors. Pure.
 */
export function spreadHits<T extends { readonly score: number }>(
  candidates: readonly T[],
  likeness: (one: T, other: T) => number,
): readonly T[] {
  const left = candidates.slice(0, WINDOW).map((candidate) => ({ candidate, repeats: 0 }));
  const taken: T[] = [];
  while (left.length > 0) {
    let best = 0;
    let bestWorth = Number.NEGATIVE_INFINITY;
    left.forEach(({ candidate, repeats }, index) => {
      const worth = candidate.score * (1 - LARGEST_LOSS * repeats);
      if (worth > bestWorth) {
        best = index;
        bestWorth = worth;
      }
    });
    const [next] = left.splice(best, 1);
    if (next === undefined) break;
    taken.push(next.candidate);
    for (const other of left) {
      const alike = Math.max(0, likeness(next.candidate, other.candidate) - MUCH_ALIKE) / (1 - MUCH_ALIKE);
      other.repeats = Math.max(other.repeats, Math.min(1, alike));
    }
  }
  return [...taken, ...candidates.slice(WINDOW)];
}
