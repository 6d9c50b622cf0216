/** A text as rows of the vocabulary, with the unit vector that the teacher gives it. */
export interface Lesson {
  readonly words: Int32Array;
  /** Number of the lesson's vector in `targets`. */
  readonly target: number;
}

export interface TeachingPlan {
  readonly dims: number;
  readonly passes: number;
  readonly batch: number;
  readonly rate: number;
  /** Likeness is divided by this before the lessons of a batch are told apart. */
  readonly temperature: number;
  /** Share of the loss that asks for the teacher's vector itself; the rest asks that it be nearer than those of the batch's other lessons. */
  readonly nearness: number;
}
