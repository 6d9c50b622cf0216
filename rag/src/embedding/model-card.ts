import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

const share = z.number().min(0).max(1);

/** What a model says of itself: `elk-os rag model pull` writes it into the model's folder last. */
const cardSchema = z.object({
  name: z.string(),
  dims: z.int().positive(),
  run: z.object({
    /** Below the model's folder: 32, 8 or 4 bits a number. A file beside it with `_data` behind its name holds what it leaves out. */
    weights: z.enum(["onnx/model.onnx", "onnx/model_quantized.onnx", "onnx/model_q4.onnx"]),
    /** How the vectors of the tokens become one of the text. */
    pooling: z.enum(["mean", "cls"]),
    /** Put before a question and never before a passage: some models were trained so. */
    queryPrefix: z.string(),
    fusion: z.object({ sure: share, unsure: share }),
    /** Sentences with the first numbers of their vectors, as the model's makers' own run gives them. */
    selftest: z.array(z.object({ text: z.string(), vector: z.array(z.number()).min(8) })).min(2),
  }),
  files: z.array(z.object({ name: z.string(), sha256: z.string() })),
});
export type ModelCard = Readonly<z.infer<typeof cardSchema>>;

/** @throws Error when the folder holds no model that can be run */
export function readModelCard(folder: string): ModelCard {
  return cardSchema.parse(JSON.parse(readFileSync(path.join(folder, "model.json"), "utf8")));
}

/** Files of a model that are missing or not what their digest says. */
export function findWrongFiles(folder: string, { files }: ModelCard): readonly string[] {
  return files.flatMap(({ name, sha256 }) => {
    try {
      const actual = createHash("sha256")
        .update(readFileSync(path.join(folder, name)))
        .digest("hex");
      return actual === sha256 ? [] : [name];
    } catch {
      // Absent or unreadable is as wrong as other bytes.
      return [name];
    }
  });
}

/** One digest for everything that a vector depends on. */
export function digestOfModel({ files, run: { pooling, weights, queryPrefix } }: ModelCard): string {
  return createHash("sha256").update(JSON.stringify({ files, pooling, weights, queryPrefix })).digest("hex");
}
