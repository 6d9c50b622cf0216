/** Libraries that can run a pulled model: the same code under its old name and under the one that is kept up. */
export const LIBRARIES = ["@huggingface/transformers", "@xenova/transformers"] as const;

/** What the embedding process is told first. */
export interface WorkerSetup {
  /** The model's. */
  readonly folder: string;
  /** Holds `node_modules` with the library. */
  readonly runtime: string;
  readonly library: (typeof LIBRARIES)[number];
  readonly weights: string;
  readonly pooling: "mean" | "cls";
  readonly dims: number;
}

export interface WorkerQuestion {
  readonly id: number;
  readonly texts: readonly string[];
}

export type WorkerAnswer =
  | { readonly ready: true }
  | { readonly failed: string }
  | { readonly id: number; readonly vectors: Float32Array }
  | { readonly id: number; readonly error: string };
