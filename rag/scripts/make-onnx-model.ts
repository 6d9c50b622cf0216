/**
 * Makes a small ONNX model with its tokenizer out of the shipped one, so that what runs a pulled model can be proven without a network:
 * node rag/scripts/make-onnx-model.ts FOLDER
 * FOLDER gets the files that a pull brings, and `catalogue.json`, which names them with their digests. It means what the shipped model means; only its
 * vocabulary is that of the judged notes. Takes two seconds; the same model gives the same bytes.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadStaticEmbedder, SHIPPED_MODEL } from "../src/embedding/static-embedder.ts";
import { MODEL_WORD } from "../src/embedding/word-table.ts";
import { encodeOnnx } from "./onnx-model/encode-onnx.ts";
import { tokenizerFor } from "./onnx-model/tokenizer.ts";

const NAME = "elk-onnx-test";
const SELF_TEST = ["the database lost its connection", "how to roll back a release", "Zebra printer labels"];
/** Words that the conformance test says and the notes do not. */
const SAID_IN_TESTS =
  "customer billed twice payment charged two times printer lost font truck drivers parcels delivery packages lorry password hashing parameters database connections sql server pool birds forest";

/**
 * Writes the model and answers its catalogue, whose addresses are those of `folder`. `beside`: in two files, a graph and its numbers, under the names of a
 * 4-bit model.
 */
export async function makeOnnxModel(
  folder: string,
  { beside = false } = {},
): Promise<{ readonly catalogue: string; readonly name: string }> {
  const { embedder } = loadStaticEmbedder(SHIPPED_MODEL);
  if (embedder === null) throw new Error("The shipped model is not whole.");
  const notes = readFileSync(new URL("../../bench/rag/memory-eval/corpus.jsonl", import.meta.url), "utf8");
  const said = new Set(`${notes} ${SAID_IN_TESTS} ${SELF_TEST.join(" ")}`.toLowerCase().match(MODEL_WORD));
  const words = [...said].filter((word) => !word.includes("'") && embedder.wordVector(word) !== null).sort();
  const { tokenizer, config, vocabulary } = tokenizerFor(words);
  const rows = vocabulary.map((word) => embedder.wordVector(word) ?? new Float32Array(embedder.dims));
  const weights = beside ? "onnx/model_q4.onnx" : "onnx/model.onnx";
  const { model: graph, data } = encodeOnnx(rows, embedder.dims, beside ? `${basename(weights)}_data` : null);
  const files: Readonly<Record<string, Uint8Array>> = {
    [weights]: graph,
    ...(beside ? { [`${weights}_data`]: data } : {}),
    "tokenizer.json": Buffer.from(JSON.stringify(tokenizer)),
    "tokenizer_config.json": Buffer.from(JSON.stringify(config)),
    "config.json": Buffer.from(
      JSON.stringify({
        model_type: "bert",
        hidden_size: embedder.dims,
        vocab_size: vocabulary.length,
        ...(beside ? { "transformers.js_config": { use_external_data_format: { [basename(weights)]: 1 } } } : {}),
      }),
    ),
  };
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  const model = {
    name: NAME,
    title: "The shipped model as ONNX, to prove what runs a pulled one",
    licence: "Apache-2.0",
    dims: embedder.dims,
    limits: "",
    run: {
      weights,
      pooling: "mean",
      queryPrefix: "",
      fusion: embedder.fusion,
      selftest: SELF_TEST.map((text) => ({
        text,
        vector: [...embedder.embed(text).slice(0, 16)].map((value) => Number(value.toFixed(5))),
      })),
    },
    files: Object.entries(files).map(([name, bytes]) => ({
      name,
      url: pathToFileURL(join(folder, name)).href,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      bytes: bytes.length,
    })),
  };
  const catalogue = join(folder, "catalogue.json");
  writeFileSync(catalogue, `${JSON.stringify({ models: [model] }, null, 2)}\n`);
  return { catalogue, name: NAME };
}

const [folder] = process.argv.slice(2);
if (import.meta.main && folder !== undefined) console.log(await makeOnnxModel(folder));
