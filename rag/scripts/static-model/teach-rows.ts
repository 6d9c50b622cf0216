/** A text as rows of the vocabulary, with the number of the vector that the teacher gives it. */
export interface Lesson {
  readonly words: Int32Array;
  readonly target: number;
}

export interface TeachingPlan {
  readonly dims: number;
  readonly passes: number;
  readonly batch: number;
  readonly rate: number;
}

/** Adam's usual constants. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * Moves word vectors so that the sum of a text's words points where the teacher's vector of the text does. `targets` holds unit vectors, one after the
 * other. Changes `rows` in place. The same input gives the same numbers.
 */
export function teachRows(
  rows: Float32Array,
  lessons: Lesson[],
  targets: Float32Array,
  { dims, passes, batch, rate }: TeachingPlan,
  random: () => number,
  told: (line: string) => void,
): void {
  const adam = makeAdam(rows, dims);
  const made = new Float32Array(dims);
  const slope = new Float32Array(dims);
  const each = Math.floor(lessons.length / batch);
  let step = 0;
  for (let pass = 0; pass < passes; pass++) {
    let near = 0;
    shuffle(lessons, random);
    for (let from = 0; from + batch <= lessons.length; from += batch) {
      step += 1;
      for (const { words, target } of lessons.slice(from, from + batch)) {
        const length = sumUp(rows, words, made);
        const wanted = targets.subarray(target * dims, (target + 1) * dims);
        const likeness = dot(made, wanted);
        near += likeness;
        // Slope of 1 - likeness by the sum before it was cut to unit length.
        for (let k = 0; k < dims; k++) slope[k] = (likeness * (made[k] ?? 0) - (wanted[k] ?? 0)) / (length * batch);
        for (const word of words) adam.add(word, slope);
      }
      const warm = Math.min(1, step / (each * passes * 0.05));
      adam.step(rate * warm * Math.max(0.02, 1 - step / (each * passes)));
    }
    told(`pass ${pass + 1} of ${passes}: cosine ${(near / (each * batch)).toFixed(4)}`);
  }
}

/** Adam for rows of which each step touches few. */
function makeAdam(rows: Float32Array, dims: number) {
  const gradient = new Float32Array(rows.length);
  const first = new Float32Array(rows.length);
  const second = new Float32Array(rows.length);
  const mark = new Int32Array(rows.length / dims);
  let touched: number[] = [];
  let count = 1;
  return {
    add(row: number, slope: Float32Array): void {
      if (mark[row] !== count) {
        mark[row] = count;
        touched.push(row);
      }
      for (let k = 0, at = row * dims; k < dims; k++, at++) gradient[at] = (gradient[at] ?? 0) + (slope[k] ?? 0);
    },
    step(rate: number): void {
      const correct = (rate * Math.sqrt(1 - BETA2 ** count)) / (1 - BETA1 ** count);
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
      touched = [];
      count += 1;
    },
  };
}

/** The words' sum, cut to unit length; answers how long it was. */
function sumUp(rows: Float32Array, words: Int32Array, into: Float32Array): number {
  into.fill(0);
  for (const word of words)
    for (let k = 0, at = word * into.length; k < into.length; k++, at++) into[k] = (into[k] ?? 0) + (rows[at] ?? 0);
  const length = Math.sqrt(dot(into, into)) || 1;
  for (let k = 0; k < into.length; k++) into[k] = (into[k] ?? 0) / length;
  return length;
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < one.length; k++) sum += (one[k] ?? 0) * (other[k] ?? 0);
  return sum;
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
