import type { ModelState } from "./embedder.ts";

/** What is known of the vectors now, for health, stats and metrics. */
export interface VectorFacts {
  readonly model: string | null;
  readonly state: ModelState;
  /** Why a model that was chosen is not in use; null when it is, or none was. */
  readonly refusal: string | null;
  readonly dims: number;
  readonly vectors: number;
  /** `exact`: every vector is compared. */
  readonly index: "exact" | "hnsw";
  readonly pending: number;
  /** Age of the oldest passage that waits for its vector. */
  readonly oldestPendingMs: number;
  /** Vectors that this process asked the model for. */
  readonly embedded: number;
  /** Why the model gave no answer when it was asked last; null when it did. Searches are by words until it does again. */
  readonly failure: string | null;
  /** Why vectors could not be written; null when they were. */
  readonly notKept: string | null;
  /** Why kept vectors were left behind at the start; null when none were. */
  readonly damage: string | null;
}
