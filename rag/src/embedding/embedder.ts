import type { FusionWeights } from "../ranking/weigh-legs.ts";

/**
 * Turns text into vectors whose inner product is likeness. Every implementation passes `embedder.unit.test.ts`: unit length or zero, the same
 * vector for the same text, no matter what else is embedded with it.
 */
export interface Embedder {
  /** Name and version of the model; vectors of two ids never meet. */
  readonly id: string;
  readonly dims: number;
  /** Weight of likeness beside words when both answer, calibrated for this model by `rag/scripts/calibrate-fusion.ts`. */
  readonly fusion: FusionWeights;
  /** A zero vector means that the model knows no word of the text. */
  embed(text: string): Float32Array;
}

/** What is known of the model after a start. `unverified`: it is there and is not trusted. */
export type ModelState = "verified" | "missing" | "unverified";
