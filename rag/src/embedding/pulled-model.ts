import path from "node:path";
import { EmbedProcess } from "./embed-process.ts";
import type { Embedder, LoadedModel } from "./embedder.ts";
import { digestOfModel, findWrongFiles, type ModelCard, readModelCard } from "./model-card.ts";
import type { WorkerSetup } from "./worker-protocol.ts";

/** Cosine of a self-test vector with the one on the card: 8-bit weights and another processor's rounding stay above, another model far below. */
const SAME_MODEL = 0.98;
/** A longer text is cut by the tokenizer; this keeps it from working on what is thrown away. */
const MAX_CHARS = 4_000;
/** More at once only pads short texts to the longest. */
const BATCH = 8;

/**
 * Loads a pulled model and proves it: the digest of each file, then committed sentences against committed vectors. Never throws: what fails its proof gives no
 * embedder and says why.
 */
export async function loadPulledModel(
  folder: string,
  { runtime, library }: Pick<WorkerSetup, "runtime" | "library">,
): Promise<LoadedModel> {
  let card: ModelCard;
  try {
    card = readModelCard(folder);
  } catch {
    // No card, or one of another form: there is no model here.
    return { state: "missing", embedder: null, refusal: `${path.basename(folder)} is not there or cannot be run` };
  }
  const wrong = findWrongFiles(folder, card);
  if (wrong.length > 0)
    return {
      state: "unverified",
      embedder: null,
      refusal: `${card.name}: ${wrong.join(", ")} is not what its digest says`,
    };
  const {
    dims,
    run: { weights, pooling },
  } = card;
  const worker = new EmbedProcess({ folder, runtime, library, weights, pooling, dims });
  const embedder = toEmbedder(card, worker);
  const refusal = await findFault(card, embedder);
  if (refusal === null) return { state: "verified", embedder };
  await worker.close();
  return { state: "unverified", embedder: null, refusal: `${card.name}: ${refusal}` };
}

function toEmbedder(card: ModelCard, worker: EmbedProcess): Embedder {
  const {
    name,
    dims,
    run: { fusion, queryPrefix },
  } = card;
  const embedPassages = async (texts: readonly string[]): Promise<readonly Float32Array[]> => {
    if (texts.length === 0) return [];
    const all = await worker.ask(texts.map((text) => text.slice(0, MAX_CHARS)));
    return texts.map((_, at) => all.slice(at * dims, (at + 1) * dims));
  };
  return {
    id: name,
    digest: digestOfModel(card),
    dims,
    fusion,
    batch: BATCH,
    embedPassages,
    embedQuery: async (text) => (await embedPassages([queryPrefix + text]))[0] ?? new Float32Array(dims),
    close: () => worker.close(),
  };
}

/** Why the model is not the one that its card describes; null when it is. */
async function findFault({ run: { selftest } }: ModelCard, embedder: Embedder): Promise<string | null> {
  try {
    const made = await embedder.embedPassages(selftest.map(({ text }) => text));
    const alike = selftest.map(({ vector }, at) => cosine(vector, made[at] ?? new Float32Array(0)));
    const worst = Math.min(...alike);
    return worst >= SAME_MODEL ? null : `its self-test gives other vectors (cosine ${worst.toFixed(3)})`;
  } catch (error) {
    return `it cannot be run: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Of the numbers that the card gives with the same ones of what was made. */
function cosine(told: readonly number[], made: Float32Array): number {
  let product = 0;
  let left = 0;
  let right = 0;
  for (const [k, value] of told.entries()) {
    const other = made[k] ?? 0;
    product += value * other;
    left += value * value;
    right += other * other;
  }
  return product / Math.sqrt(left * right) || 0;
}
