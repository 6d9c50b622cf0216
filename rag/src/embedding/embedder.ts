import type { FusionWeights } from "../ranking/weigh-legs.ts";

/**
 * Turns text into vectors whose inner product is likeness. Every implementation passes `test/embedder-conformance.ts`: unit length or zero, the same
 * vector for the same text, no matter what else is embedded with it.
 */
export interface Embedder {
  /** Name and version of the model; vectors of two ids never meet. */
  readonly id: string;
  /** sha256 of the model's own bytes: a file of the same name with other bytes is another model. */
  readonly digest: string;
  readonly dims: number;
  /** Weight of likeness beside words when both answer, calibrated for this model by `rag/scripts/calibrate-fusion.ts`. */
  readonly fusion: FusionWeights;
  /** Texts that are worth handing over together. */
  readonly batch: number;
  /** A zero vector means that the model knows no word of the text. */
  embedQuery(text: string): Promise<Float32Array>;
  /** One vector for each text, in their order. */
  embedPassages(texts: readonly string[]): Promise<readonly Float32Array[]>;
  /** Ends what the model runs in. */
  close(): Promise<void>;
}

/** What is known of the model after a start. `unverified`: it is there and is not trusted. */
export type ModelState = "verified" | "missing" | "unverified";

/** What loading a model gave. */
export interface LoadedModel {
  readonly state: ModelState;
  readonly embedder: Embedder | null;
  /** Why a model that was chosen is not the one in use; null when it is. */
  readonly refusal?: string | null;
}
