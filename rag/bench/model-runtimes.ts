/**
 * Measures what can run a pulled model, side by side: node rag/bench/model-runtimes.ts MODEL RUNTIME [RUNS] [OLD]
 * MODEL: as `elk-os rag model pull` leaves it. RUNTIME: holds `node_modules` with @huggingface/transformers, which brings onnxruntime-node and
 * @huggingface/tokenizers, the bare contender. OLD: a folder with @xenova/transformers, for a model with 32-bit weights, which alone it knows. Each is measured
 * in a process of its own with one thread; RUNS (500) embeddings of one text.
 */
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { quantile } from "../../bench/rag/measure.ts";
import { readModelCard } from "../src/embedding/model-card.ts";

const TEXT = "A lease that nobody renews ends by itself, and the task is free for the next agent.";
const CONTENDERS = {
  transformers: ["@huggingface/transformers"],
  xenova: ["@xenova/transformers"],
  bare: ["onnxruntime-node", "@huggingface/tokenizers"],
} as const;
type Contender = keyof typeof CONTENDERS;
type Embed = (text: string) => Promise<Float32Array>;

/** What is used of the libraries here; they come from RUNTIME, which our types do not know. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; localModelPath: string; useFSCache: boolean };
  pipeline(
    task: string,
    model: string,
    options: object,
  ): Promise<(text: string, options: object) => Promise<{ data: Float32Array }>>;
}
interface Onnxruntime {
  readonly InferenceSession: { create(file: string, options: object): Promise<Session> };
  readonly Tensor: new (type: "int64", data: BigInt64Array, dims: readonly number[]) => unknown;
}
interface Session {
  run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, { data: Float32Array }>>>;
}
interface Tokenizers {
  readonly Tokenizer: new (tokenizer: object, config: object) => { encode(text: string): { ids: readonly number[] } };
}

const [model = "", runtime = "", runs = "500", old = "", only] = process.argv.slice(2);
const card = readModelCard(model);

if (isContender(only)) console.log(JSON.stringify(await measureOne(only)));
else {
  const names = Object.keys(CONTENDERS).filter((name) => name !== "xenova" || old !== "");
  const found: { name: Contender; vector: number[] }[] = names.map((name) =>
    JSON.parse(
      execFileSync(process.execPath, [import.meta.filename, model, runtime, runs, old, name], { encoding: "utf8" }),
    ),
  );
  const [first] = found;
  console.table(
    found.map(({ vector, ...row }) => ({ ...row, cosine: cosine(first?.vector ?? [], vector).toFixed(6) })),
  );
}

function isContender(name: string | undefined): name is Contender {
  return name !== undefined && Object.hasOwn(CONTENDERS, name);
}

function folderOf(name: Contender): string {
  return name === "xenova" ? old : runtime;
}

async function measureOne(name: Contender): Promise<object> {
  const startedMs = performance.now();
  const load = name === "bare" ? await importBare() : await importTransformers(name);
  const importedMs = performance.now();
  const embed = await load();
  const vector = await embed(TEXT);
  const loadedMs = performance.now();
  const times: number[] = [];
  for (let n = 0; n < Number(runs); n++) {
    const beginMs = performance.now();
    await embed(TEXT);
    times.push(performance.now() - beginMs);
  }
  return {
    name,
    importMs: Math.round(importedMs - startedMs),
    loadMs: Math.round(loadedMs - importedMs),
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
    installedMb: Math.round(installedBytes(name) / 2 ** 20),
    vector: [...vector],
  };
}

async function importTransformers(name: "transformers" | "xenova"): Promise<() => Promise<Embed>> {
  const { env, pipeline }: Transformers = await import(resolve(CONTENDERS[name][0], folderOf(name)));
  return async () => {
    Object.assign(env, { allowRemoteModels: false, useFSCache: false, localModelPath: path.dirname(model) });
    const dtype = card.run.weights.endsWith("_q4.onnx") ? "q4" : "fp32";
    const threads = { intraOpNumThreads: 1, interOpNumThreads: 1 };
    const options = { dtype, quantized: false, device: "cpu", session_options: threads };
    const extract = await pipeline("feature-extraction", path.basename(model), options);
    return async (text) => (await extract(text, { pooling: card.run.pooling, normalize: true })).data;
  };
}

async function importBare(): Promise<() => Promise<Embed>> {
  // CommonJS modules: what they export stands under `default`.
  const { InferenceSession, Tensor }: Onnxruntime = (await import(resolve("onnxruntime-node", runtime))).default;
  const { Tokenizer }: Tokenizers = (await import(resolve("@huggingface/tokenizers", runtime))).default;
  const read = (name: string): object => JSON.parse(readFileSync(path.join(model, name), "utf8"));
  return async () => {
    const tokenizer = new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
    const options = { intraOpNumThreads: 1, interOpNumThreads: 1 };
    const session = await InferenceSession.create(path.join(model, card.run.weights), options);
    return async (text) => {
      const ids = tokenizer.encode(text).ids.slice(0, 512);
      const row = (value: (id: number) => number) =>
        new Tensor(
          "int64",
          BigInt64Array.from(ids, (id) => BigInt(value(id))),
          [1, ids.length],
        );
      const feeds = { input_ids: row((id) => id), attention_mask: row(() => 1), token_type_ids: row(() => 0) };
      const states = (await session.run(feeds))["last_hidden_state"]?.data ?? new Float32Array(0);
      return meanOf(states, ids.length);
    };
  };
}

/** Mean of the tokens' vectors, cut to unit length. */
function meanOf(states: Float32Array, tokens: number): Float32Array {
  const mean = new Float32Array(card.dims);
  for (let at = 0; at < tokens * card.dims; at++)
    mean[at % card.dims] = (mean[at % card.dims] ?? 0) + (states[at] ?? 0);
  const length = Math.hypot(...mean) || 1;
  return mean.map((value) => value / length);
}

function resolve(name: string, folder: string): string {
  return pathToFileURL(createRequire(path.join(folder, "package.json")).resolve(name)).href;
}

/** Of the packages and of all that they depend on, without what only a browser or another machine runs. */
function installedBytes(contender: Contender): number {
  const modules = path.join(folderOf(contender), "node_modules");
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const manifest = path.join(modules, name, "package.json");
    if (seen.has(name) || name === "onnxruntime-web" || !existsSync(manifest)) return;
    seen.add(name);
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(manifest, "utf8"));
    for (const other of Object.keys({ ...dependencies, ...optionalDependencies })) visit(other);
  };
  for (const name of CONTENDERS[contender]) visit(name);
  return [...seen].reduce((sum, name) => sum + bytesBelow(path.join(modules, name)), 0);
}

function bytesBelow(place: string): number {
  const binary = /\/bin\/napi-v\d+\/(\w+)\/(\w+)$/.exec(place);
  if (binary !== null && (binary[1] !== process.platform || binary[2] !== process.arch)) return 0;
  const facts = lstatSync(place);
  if (!facts.isDirectory()) return facts.size;
  return readdirSync(place).reduce((sum, name) => sum + bytesBelow(path.join(place, name)), 0);
}

function cosine(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
}
