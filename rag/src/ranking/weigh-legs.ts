/** What likeness weighs beside words, calibrated for one model: when the words of the question are all found in one passage, and when none is. */
export interface FusionWeights {
  readonly sure: number;
  readonly unsure: number;
}

/**
 * How much of what a question says stands in its best passage by words, in [0, 1]: the share of the score that a passage full of every
 * word would have. Pure.
 */
export function surenessOf(
  bestScore: number,
  weights: ReadonlyMap<string, number>,
  rarityOf: (term: string) => number,
): number {
  let ideal = 0;
  for (const [term, weight] of weights) ideal += weight * rarityOf(term);
  return ideal === 0 ? 0 : Math.min(1, bestScore / ideal);
}

/** Weight of likeness in [0, 1] for a question: a question whose words are found leans on words, another on meaning. Pure. */
export function weightOfMeaning({ sure, unsure }: FusionWeights, sureness: number): number {
  return unsure + (sure - unsure) * sureness;
}
