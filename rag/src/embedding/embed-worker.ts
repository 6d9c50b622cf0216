/**
 * Runs a sentence model in a process of its own: a passage takes tens of milliseconds, and a search must not wait for it. Takes its setup, says `{ready: true}`
 * once the model is loaded or `{failed}` and ends; then takes `{id, texts}`, answers `{id, vectors}` (one after the other in one array) or `{id, error}`.
 */
import { once } from "node:events";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { WorkerAnswer, WorkerQuestion, WorkerSetup } from "./worker-protocol.ts";

/** What both libraries have in common of what is used here. */
interface TransformersLibrary {
  readonly env: { allowRemoteModels: boolean; allowLocalModels: boolean; localModelPath: string; useFSCache: boolean };
  pipeline(task: "feature-extraction", model: string, options: object): Promise<Extractor>;
}
type Extractor = (
  texts: readonly string[],
  options: { readonly pooling: "mean" | "cls"; readonly normalize: true },
) => Promise<{ readonly data: Float32Array; readonly dims: readonly number[] }>;

const [setup] = (await once(process, "message")) as [WorkerSetup];
const { folder, runtime, library, weights, pooling, dims } = setup;
const answer = (message: WorkerAnswer): void => void process.send?.(message, () => {});
const said = (error: unknown) => (error instanceof Error ? error.message : String(error));

try {
  const extract = await load();
  process.on("message", ({ id, texts }: WorkerQuestion) => {
    void embed(extract, texts).then(
      (vectors) => answer({ id, vectors }),
      (error: unknown) => answer({ id, error: said(error) }),
    );
  });
  answer({ ready: true });
} catch (error) {
  answer({ failed: said(error) });
  process.disconnect();
}

async function load(): Promise<Extractor> {
  const resolve = createRequire(path.join(runtime, "package.json")).resolve;
  const loaded: TransformersLibrary = await import(pathToFileURL(resolve(library)).href);
  const { env } = loaded;
  // Nothing is fetched here, whatever the model asks for: bringing a model is a command of its own.
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.useFSCache = false;
  env.localModelPath = path.dirname(folder);
  const dtype = weights.endsWith("_q4.onnx") ? "q4" : weights.endsWith("_quantized.onnx") ? "q8" : "fp32";
  // It would look for another file and name that one: its runtime knows neither the operator nor data that lies beside the graph.
  if (dtype === "q4" && library === "@xenova/transformers") throw new Error(`${library} cannot run 4-bit weights`);
  return loaded.pipeline("feature-extraction", path.basename(folder), {
    quantized: dtype === "q8",
    dtype,
    device: "cpu",
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
  });
}

async function embed(extract: Extractor, texts: readonly string[]): Promise<Float32Array> {
  const { data } = await extract(texts, { pooling, normalize: true });
  const vectors = Float32Array.from(data);
  if (vectors.length !== texts.length * dims)
    throw new Error(`the model gives ${vectors.length / texts.length} numbers a text, not ${dims}`);
  // Both libraries divide nothing by its length: a text that the model knows no word of is like nothing.
  for (let at = 0; at < vectors.length; at++) if (Number.isNaN(vectors[at])) vectors[at] = 0;
  return vectors;
}
