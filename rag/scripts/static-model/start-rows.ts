interface GloveWord {
  readonly word: string;
  /** Place among all words by how often they are written. */
  readonly rank: number;
  readonly vector: Float32Array;
}

/** Weight a / (a + p) of a word with probability p (Arora et al. 2017, "smooth inverse frequency"). */
const SMOOTHING = 1e-3;
/** Zipf's law gives the probability of the word at a rank: 1 / (rank + 2.7), as Mandelbrot has it. */
const MANDELBROT = 2.7;
/** Rank given to a word that GloVe does not know. */
const UNKNOWN_RANK = 200_000;
const POWER_STEPS = 12;
/** GloVe's vectors are about this long; a short start lets the training turn them. */
const LENGTH = 6;
/** Size of the numbers that a word starts with where GloVe says nothing. */
const NOISE = 0.03;

/** Vectors to begin with: GloVe's without their mean and the direction that all share, frequent words shorter; noise in the numbers beyond. */
export function startRows(
  words: ReadonlyMap<string, number>,
  glove: readonly GloveWord[],
  dims: number,
  random: () => number,
): Float32Array {
  const known = new Map(glove.map((entry) => [entry.word, entry]));
  const size = glove[0]?.vector.length ?? 0;
  const total = glove.reduce((sum, { rank }) => sum + 1 / (rank + MANDELBROT), 0);
  const used = [...words.keys()].flatMap((word) => known.get(word) ?? []);
  const mean = new Float64Array(size);
  for (const { vector } of used) for (let k = 0; k < size; k++) mean[k] = (mean[k] ?? 0) + (vector[k] ?? 0);
  for (let k = 0; k < size; k++) mean[k] = (mean[k] ?? 0) / used.length;
  const along = (vector: Float32Array, direction: Float64Array): number => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += ((vector[k] ?? 0) - (mean[k] ?? 0)) * (direction[k] ?? 0);
    return sum;
  };
  let shared = Float64Array.from({ length: size }, (_, k) => Math.sin(k + 1));
  for (let step = 0; step < POWER_STEPS; step++) {
    const next = new Float64Array(size);
    for (const { vector } of used) {
      const part = along(vector, shared);
      for (let k = 0; k < size; k++) next[k] = (next[k] ?? 0) + part * ((vector[k] ?? 0) - (mean[k] ?? 0));
    }
    let square = 0;
    for (const value of next) square += value * value;
    const length = Math.sqrt(square);
    shared = next.map((value) => value / length);
  }
  const gauss = (): number => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const rows = new Float32Array(words.size * dims);
  for (const [word, row] of words) {
    const entry = known.get(word);
    const at = row * dims;
    const probability = 1 / ((entry?.rank ?? UNKNOWN_RANK) + MANDELBROT) / total;
    const weight = SMOOTHING / (SMOOTHING + probability);
    if (entry === undefined) {
      for (let k = 0; k < dims; k++) rows[at + k] = gauss() * NOISE;
      continue;
    }
    const part = along(entry.vector, shared);
    for (let k = 0; k < Math.min(size, dims); k++)
      rows[at + k] = (weight * ((entry.vector[k] ?? 0) - (mean[k] ?? 0) - part * (shared[k] ?? 0))) / LENGTH;
    for (let k = size; k < dims; k++) rows[at + k] = weight * gauss() * NOISE;
  }
  return rows;
}
