import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";

const share = z.number().min(0).max(1);

/** How a model is run and proven; the search service reads the same from the card. */
const runSchema = z.strictObject({
  weights: z.enum(["onnx/model.onnx", "onnx/model_quantized.onnx", "onnx/model_q4.onnx"]),
  /** How the vectors of the tokens become one of the text. */
  pooling: z.enum(["mean", "cls"]),
  /** Put before a question, never before a passage. */
  queryPrefix: z.string(),
  /** What likeness weighs beside words when these are all found, and when none is. */
  fusion: z.strictObject({ sure: share, unsure: share }),
  /** Sentences with the first numbers of their vectors. */
  selftest: z.array(z.strictObject({ text: z.string(), vector: z.array(z.number()).min(8) })).min(2),
});

const modelSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,60}$/),
  title: z.string(),
  licence: z.string(),
  dims: z.int().positive(),
  /** What of the model is missing here, or why it cannot be used; empty when it can. */
  limits: z.string(),
  /** Absent: the model can be pulled and not used. */
  run: runSchema.optional(),
  files: z
    .array(
      z.strictObject({
        name: z.string().regex(/^(onnx\/)?[A-Za-z0-9][A-Za-z0-9._-]{0,80}$/),
        url: z.url(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        /** Exact length: a transfer that brings more is ended. */
        bytes: z.int().positive(),
      }),
    )
    .min(1),
});
const catalogueSchema = z.strictObject({ models: z.array(modelSchema) });

/** A model that can be pulled: every file by address, length and digest. */
export type CatalogueModel = Readonly<z.infer<typeof modelSchema>>;

/** Written into a model's folder last, so that a folder without it is not whole. */
export const CARD = "model.json";
/** Below the checkout. */
export const CATALOGUE_FILE = "rag/models.json";

/** @throws CliError USAGE_INVALID when the file is no catalogue */
export function readCatalogue(file: string): readonly CatalogueModel[] {
  try {
    return catalogueSchema.parse(JSON.parse(readFileSync(file, "utf8"))).models;
  } catch (cause) {
    throw new CliError("USAGE_INVALID", {
      message: `${file} is no model catalogue: ${cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)}`,
      hint: `Compare it with ${CATALOGUE_FILE}.`,
      cause,
    });
  }
}

export interface ModelStanding {
  /** `damaged`: it lies there and a file is not what its digest says. */
  readonly state: "pulled" | "absent" | "damaged";
  /** Files that are missing or wrong. */
  readonly wrong: readonly string[];
}

/** Reads every byte of a pulled model again. */
export function describeModel(folder: string, model: CatalogueModel): ModelStanding {
  const place = join(folder, model.name);
  if (!existsSync(place)) return { state: "absent", wrong: [] };
  const wrong = model.files.filter(({ name, sha256 }) => {
    const path = join(place, name);
    return !existsSync(path) || createHash("sha256").update(readFileSync(path)).digest("hex") !== sha256;
  });
  const names = wrong.map(({ name }) => name);
  return names.length === 0 && existsSync(join(place, CARD))
    ? { state: "pulled", wrong: [] }
    : { state: "damaged", wrong: names };
}
