import type { TrainingPair } from "./make-pairs.ts";

export interface TrainingPlan {
  readonly dims: number;
  readonly passes: number;
  readonly batch: number;
  readonly rate: number;
  /** Likeness is divided by this before it is compared: small makes near misses count. */
  readonly temperature: number;
}

/** Adam's usual constants. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
/** A slope this small moves nothing. */
const NEGLIGIBLE = 1e-7;

/**
 * Moves word vectors so that the two texts of a pair are nearer to each other than to the other texts of the batch (InfoNCE, both ways). A text is
 * the sum of its words, cut to unit length. Changes `rows` in place. The same input gives the same numbers.
 */
export function trainRows(
  rows: Float32Array,
  pairs: TrainingPair[],
  plan: TrainingPlan,
  random: () => number,
  told: (line: string) => void,
): void {
  const { dims, batch, temperature } = plan;
  const gradient = new Float32Array(rows.length);
  const first = new Float32Array(rows.length);
  const second = new Float32Array(rows.length);
  const steps = Math.floor(pairs.length / batch) * plan.passes;
  const mark = new Int32Array(rows.length / dims);
  const left = new Float32Array(batch * dims);
  const right = new Float32Array(batch * dims);
  const leftLength = new Float32Array(batch);
  const rightLength = new Float32Array(batch);
  const likeness = new Float32Array(batch * batch);
  const slope = new Float32Array(batch * batch);
  const leftSlope = new Float32Array(batch * dims);
  const rightSlope = new Float32Array(batch * dims);
  let step = 0;
  let sum = 0;
  for (let pass = 0; pass < plan.passes; pass++) {
    shuffle(pairs, random);
    for (let from = 0; from + batch <= pairs.length; from += batch) {
      step += 1;
      for (let n = 0; n < batch; n++) {
        leftLength[n] = sumUp(rows, pairs[from + n]?.left, left, n * dims, dims);
        rightLength[n] = sumUp(rows, pairs[from + n]?.right, right, n * dims, dims);
      }
      multiply(left, right, likeness, batch, dims, 1 / temperature);
      sum += slopes(likeness, slope, batch);
      leftSlope.fill(0);
      rightSlope.fill(0);
      for (let a = 0; a < batch; a++) {
        for (let b = 0; b < batch; b++) {
          const g = (slope[a * batch + b] ?? 0) / temperature;
          if (g < NEGLIGIBLE && g > -NEGLIGIBLE) continue;
          const atLeft = a * dims;
          const atRight = b * dims;
          for (let k = 0; k < dims; k++) {
            leftSlope[atLeft + k] = (leftSlope[atLeft + k] ?? 0) + g * (right[atRight + k] ?? 0);
            rightSlope[atRight + k] = (rightSlope[atRight + k] ?? 0) + g * (left[atLeft + k] ?? 0);
          }
        }
      }
      const touched: number[] = [];
      for (let n = 0; n < batch; n++) {
        spread(
          gradient,
          pairs[from + n]?.left,
          left,
          leftSlope,
          n * dims,
          dims,
          leftLength[n] ?? 1,
          mark,
          step,
          touched,
        );
        spread(
          gradient,
          pairs[from + n]?.right,
          right,
          rightSlope,
          n * dims,
          dims,
          rightLength[n] ?? 1,
          mark,
          step,
          touched,
        );
      }
      const warm = Math.min(1, step / (steps * 0.05));
      const rate = plan.rate * warm * Math.max(0.02, 1 - step / steps);
      const correct = (rate * Math.sqrt(1 - BETA2 ** step)) / (1 - BETA1 ** step);
      for (const row of touched) {
        for (let at = row * dims; at < (row + 1) * dims; at++) {
          const g = gradient[at] ?? 0;
          gradient[at] = 0;
          const m = BETA1 * (first[at] ?? 0) + (1 - BETA1) * g;
          const v = BETA2 * (second[at] ?? 0) + (1 - BETA2) * g * g;
          first[at] = m;
          second[at] = v;
          rows[at] = (rows[at] ?? 0) - (correct * m) / (Math.sqrt(v) + EPSILON);
        }
      }
      if (step % 200 === 0) {
        told(`step ${step}/${steps} loss ${(sum / 200).toFixed(4)}`);
        sum = 0;
      }
    }
  }
}

function sumUp(
  rows: Float32Array,
  words: Int32Array | undefined,
  into: Float32Array,
  at: number,
  dims: number,
): number {
  into.fill(0, at, at + dims);
  for (const word of words ?? [])
    for (let k = 0, from = word * dims; k < dims; k++) into[at + k] = (into[at + k] ?? 0) + (rows[from + k] ?? 0);
  let square = 0;
  for (let k = 0; k < dims; k++) square += (into[at + k] ?? 0) ** 2;
  const length = Math.sqrt(square) || 1;
  for (let k = 0; k < dims; k++) into[at + k] = (into[at + k] ?? 0) / length;
  return length;
}

function multiply(
  left: Float32Array,
  right: Float32Array,
  into: Float32Array,
  batch: number,
  dims: number,
  factor: number,
): void {
  for (let a = 0; a < batch; a++) {
    const atLeft = a * dims;
    for (let b = 0; b < batch; b++) {
      const atRight = b * dims;
      let sum = 0;
      for (let k = 0; k < dims; k++) sum += (left[atLeft + k] ?? 0) * (right[atRight + k] ?? 0);
      into[a * batch + b] = sum * factor;
    }
  }
}

/** Slope of the mean loss of both directions by each likeness; answers that loss. */
function slopes(likeness: Float32Array, slope: Float32Array, batch: number): number {
  slope.fill(0);
  let loss = 0;
  for (const byRow of [true, false]) {
    for (let a = 0; a < batch; a++) {
      let largest = -1e9;
      const at = (b: number): number => (byRow ? a * batch + b : b * batch + a);
      for (let b = 0; b < batch; b++) largest = Math.max(largest, likeness[at(b)] ?? 0);
      let total = 0;
      for (let b = 0; b < batch; b++) total += Math.exp((likeness[at(b)] ?? 0) - largest);
      for (let b = 0; b < batch; b++)
        slope[at(b)] = (slope[at(b)] ?? 0) + Math.exp((likeness[at(b)] ?? 0) - largest) / total / (2 * batch);
      slope[a * batch + a] = (slope[a * batch + a] ?? 0) - 1 / (2 * batch);
      loss += Math.log(total) + largest - (likeness[a * batch + a] ?? 0) / (2 * batch);
    }
  }
  return loss;
}

function spread(
  gradient: Float32Array,
  words: Int32Array | undefined,
  unit: Float32Array,
  slope: Float32Array,
  at: number,
  dims: number,
  length: number,
  mark: Int32Array,
  step: number,
  touched: number[],
): void {
  let along = 0;
  for (let k = 0; k < dims; k++) along += (slope[at + k] ?? 0) * (unit[at + k] ?? 0);
  for (let k = 0; k < dims; k++) slope[at + k] = (slope[at + k] ?? 0) - (along * (unit[at + k] ?? 0)) / length;
  for (const word of words ?? []) {
    if (mark[word] !== step) {
      mark[word] = step;
      touched.push(word);
    }
    for (let k = 0, to = word * dims; k < dims; k++) gradient[to + k] = (gradient[to + k] ?? 0) + (slope[at + k] ?? 0);
  }
}

function shuffle<T>(items: T[], random: () => number): void {
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    const [held, swapped] = [items[at], items[other]];
    if (held === undefined || swapped === undefined) continue;
    items[at] = swapped;
    items[other] = held;
  }
}
