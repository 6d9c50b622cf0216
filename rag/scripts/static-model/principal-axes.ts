/** Passes of the iteration: the axes stand still to six places long before. */
const PASSES = 60;

/** The directions in which vectors differ most, and what all of them share. */
export interface Axes {
  readonly size: number;
  readonly count: number;
  readonly mean: Float64Array;
  /** `count` unit vectors of `size` numbers, one after the other, each at a right angle to the others. */
  readonly axes: Float64Array;
}

/** The `count` principal axes of vectors of `size` numbers (principal component analysis), by orthogonal iteration. The same input gives the same numbers. */
export function principalAxes(vectors: Float32Array, size: number, count: number, random: () => number): Axes {
  const mean = meanOf(vectors, size);
  const spread = spreadOf(vectors, size, mean);
  const axes = Float64Array.from({ length: count * size }, () => random() - 0.5);
  const next = new Float64Array(count * size);
  rightAngles(axes, size);
  for (let pass = 0; pass < PASSES; pass++) {
    for (let axis = 0; axis < count; axis++) {
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let j = 0; j < size; j++) sum += (spread[i * size + j] ?? 0) * (axes[axis * size + j] ?? 0);
        next[axis * size + i] = sum;
      }
    }
    axes.set(next);
    rightAngles(axes, size);
  }
  return { size, count, mean, axes };
}

/** Each vector without `mean`, in the numbers of the axes, cut to unit length. */
export function alongAxes(vectors: Float32Array, { size, count, axes }: Axes, mean: Float64Array): Float32Array {
  const made = new Float32Array((vectors.length / size) * count);
  for (let row = 0; row < vectors.length / size; row++) {
    let square = 0;
    for (let axis = 0; axis < count; axis++) {
      let sum = 0;
      for (let k = 0; k < size; k++)
        sum += ((vectors[row * size + k] ?? 0) - (mean[k] ?? 0)) * (axes[axis * size + k] ?? 0);
      made[row * count + axis] = sum;
      square += sum * sum;
    }
    const length = Math.sqrt(square) || 1;
    for (let at = row * count; at < (row + 1) * count; at++) made[at] = (made[at] ?? 0) / length;
  }
  return made;
}

export function meanOf(vectors: Float32Array, size: number): Float64Array {
  const mean = new Float64Array(size);
  for (let at = 0; at < vectors.length; at++) mean[at % size] = (mean[at % size] ?? 0) + (vectors[at] ?? 0);
  return mean.map((sum) => sum / (vectors.length / size));
}

/** Sum of the products of each two numbers of a vector, over all vectors. */
function spreadOf(vectors: Float32Array, size: number, mean: Float64Array): Float64Array {
  const spread = new Float64Array(size * size);
  const one = new Float64Array(size);
  for (let from = 0; from < vectors.length; from += size) {
    for (let k = 0; k < size; k++) one[k] = (vectors[from + k] ?? 0) - (mean[k] ?? 0);
    for (let i = 0; i < size; i++) {
      for (let j = i; j < size; j++) spread[i * size + j] = (spread[i * size + j] ?? 0) + (one[i] ?? 0) * (one[j] ?? 0);
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) spread[i * size + j] = spread[j * size + i] ?? 0;
  return spread;
}

/** Turns rows into unit vectors at right angles, the first kept as it points (Gram and Schmidt). */
function rightAngles(rows: Float64Array, size: number): void {
  for (let row = 0; row < rows.length / size; row++) {
    for (let other = 0; other < row; other++) {
      let along = 0;
      for (let k = 0; k < size; k++) along += (rows[row * size + k] ?? 0) * (rows[other * size + k] ?? 0);
      for (let k = 0; k < size; k++)
        rows[row * size + k] = (rows[row * size + k] ?? 0) - along * (rows[other * size + k] ?? 0);
    }
    let square = 0;
    for (let k = 0; k < size; k++) square += (rows[row * size + k] ?? 0) ** 2;
    for (let k = 0; k < size; k++) rows[row * size + k] = (rows[row * size + k] ?? 0) / (Math.sqrt(square) || 1);
  }
}
