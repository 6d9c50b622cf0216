import type { Embedder } from "../src/embedding/embedder.ts";
import { loadPulledModel } from "../src/embedding/pulled-model.ts";

/**
 * A pulled model, for what judges models and learns from them. `folder`: as `elk-os rag model pull` leaves it; `runtime`: holds `node_modules` with the library.
 * @throws Error when it is not there or fails its proof
 */
export async function openPulledModel(folder: string, runtime: string): Promise<Embedder> {
  const { embedder, refusal } = await loadPulledModel(folder, { runtime, library: "@huggingface/transformers" });
  if (embedder === null) throw new Error(`${folder} cannot be used: ${refusal ?? "it failed its proof"}.`);
  return embedder;
}
