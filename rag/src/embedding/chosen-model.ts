import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { LoadedModel } from "./embedder.ts";
import { loadPulledModel } from "./pulled-model.ts";
import { loadStaticEmbedder, SHIPPED_MODEL } from "./static-embedder.ts";
import { LIBRARIES } from "./worker-protocol.ts";

/** Written by `elk-os rag model use`. */
const CHOICE = "USE.json";
const choiceSchema = z.object({
  model: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,60}$/),
  /** Absolute: holds `node_modules` with the library. */
  runtime: z.string(),
  library: z.enum(LIBRARIES),
});

/**
 * The model that was chosen below `folder`, else the one that ships. A chosen model that is missing or fails its proof is named, and the shipped one answers:
 * search is never worse for a choice than without it. Never throws.
 */
export async function loadChosenModel(folder: string | null): Promise<LoadedModel> {
  const shipped = loadStaticEmbedder(SHIPPED_MODEL);
  if (folder === null || !existsSync(path.join(folder, CHOICE))) return shipped;
  const chosen = await loadChoice(folder);
  if (chosen.embedder !== null) return chosen;
  return { ...shipped, state: chosen.state, refusal: chosen.refusal ?? null };
}

function loadChoice(folder: string): Promise<LoadedModel> {
  try {
    const { model, ...runtime } = choiceSchema.parse(JSON.parse(readFileSync(path.join(folder, CHOICE), "utf8")));
    return loadPulledModel(path.join(folder, model), runtime);
  } catch {
    // Half a file or another form: nothing can be said of what was meant.
    return Promise.resolve({ state: "missing", embedder: null, refusal: `${CHOICE} cannot be read` });
  }
}
