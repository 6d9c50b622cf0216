/**
 * The vectors that a model makes of texts, on the Node that runs this: node embed-texts.ts TEXTS [FOLDER RUNTIME]. TEXTS is a JSON file. The model is the
 * shipped one, or a pulled one in FOLDER that the library below RUNTIME runs. Prints one JSON document.
 */
import { readFileSync } from "node:fs";
import { loadPulledModel } from "../../../rag/src/embedding/pulled-model.ts";
import { loadStaticEmbedder, SHIPPED_MODEL } from "../../../rag/src/embedding/static-embedder.ts";

export interface Embedded {
  /** process.arch */
  readonly arch: string;
  /** Why the model does not run; null when it does and proved itself. */
  readonly refusal: string | null;
  readonly dims: number;
  /** One vector after the other, the bytes of 32-bit numbers in base64. */
  readonly vectors: string;
}

const [texts = "", folder, runtime = ""] = process.argv.slice(2);
const loaded =
  folder === undefined
    ? { refusal: null, ...loadStaticEmbedder(SHIPPED_MODEL) }
    : await loadPulledModel(folder, { runtime, library: "@huggingface/transformers" });
const { embedder, state, refusal } = loaded;
const all = (await embedder?.embedPassages(JSON.parse(readFileSync(texts, "utf8")) as string[])) ?? [];
const bytes = Buffer.concat(
  all.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
);
await embedder?.close();
const answer: Embedded = {
  arch: process.arch,
  refusal: state === "verified" ? null : (refusal ?? state),
  dims: embedder?.dims ?? 0,
  vectors: bytes.toString("base64"),
};
process.stdout.write(JSON.stringify(answer));
