/**
 * Prints what proves a sentence model, for its entry in the catalogue: node rag/scripts/self-test-vectors.ts FOLDER RUNTIME WEIGHTS POOLING DIMS
 * FOLDER holds the model's files as a pull brings them, RUNTIME the library that runs them. To be run once, on files whose digests were compared.
 */
import { EmbedProcess } from "../src/embedding/embed-process.ts";

/** Numbers of each vector that are kept: enough to tell a model from every other. */
const KEPT = 24;
const SENTENCES = [
  "the database lost its connection",
  "how to roll back a release",
  "Zebra printer labels",
  "A lease that nobody renews ends by itself, and the task is free for the next agent.",
];

const [folder = "", runtime = "", weights = "onnx/model.onnx", pooling = "mean", dims = "384"] = process.argv.slice(2);
if (pooling !== "mean" && pooling !== "cls") throw new Error(`POOLING is mean or cls, not ${pooling}.`);
const size = Number(dims);
const worker = new EmbedProcess({
  folder,
  runtime,
  library: "@huggingface/transformers",
  weights,
  pooling,
  dims: size,
});
const vectors = await worker.ask(SENTENCES);
await worker.close();
const selftest = SENTENCES.map((text, at) => ({
  text,
  vector: [...vectors.slice(at * size, at * size + KEPT)].map((value) => Number(value.toFixed(5))),
}));
console.log(JSON.stringify({ selftest }));
