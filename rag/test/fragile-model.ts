import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { EmbedProcess } from "../src/embedding/embed-process.ts";
import type { Embedder } from "../src/embedding/embedder.ts";

const DIMS = 2;

/** A library that counts zebras and all else, and whose process ends at a question while a file named `poison` lies beside it. */
const LIBRARY = `
import { existsSync } from "node:fs";
export const env = {};
export const pipeline = async () => async (texts) => {
  if (existsSync(new URL("./poison", import.meta.url))) process.exit(3);
  const rows = texts.map((text) => (/zebra/i.test(text) ? [1, 0] : [0, 1]));
  return { data: Float32Array.from(rows.flat()), dims: [texts.length, ${DIMS}] };
};
`;

/** A model in a process of its own that can be made to die. `runtime`: an empty folder. */
export function makeFragileModel(runtime: string): { readonly embedder: Embedder; poison(): void; cure(): void } {
  const library = "@huggingface/transformers";
  const place = path.join(runtime, "node_modules", library);
  mkdirSync(place, { recursive: true });
  writeFileSync(path.join(runtime, "package.json"), "{}");
  writeFileSync(path.join(place, "package.json"), JSON.stringify({ name: library, type: "module", main: "index.js" }));
  writeFileSync(path.join(place, "index.js"), LIBRARY);
  const setup = { folder: path.join(runtime, "model"), runtime, library, weights: "model.onnx" } as const;
  const worker = new EmbedProcess({ ...setup, pooling: "mean", dims: DIMS });
  const embedPassages = async (texts: readonly string[]): Promise<readonly Float32Array[]> => {
    const all = await worker.ask(texts);
    return texts.map((_, at) => all.slice(at * DIMS, (at + 1) * DIMS));
  };
  const embedder: Embedder = {
    id: "fragile",
    digest: "0".repeat(64),
    dims: DIMS,
    fusion: { sure: 0.3, unsure: 0.6 },
    batch: 8,
    embedPassages,
    embedQuery: async (text) => (await embedPassages([text]))[0] ?? new Float32Array(DIMS),
    close: () => worker.close(),
  };
  const file = path.join(place, "poison");
  return { embedder, poison: () => writeFileSync(file, ""), cure: () => rmSync(file) };
}
