import { cpSync } from "node:fs";
import { join } from "node:path";
import type { StageRecipe } from "./stage-recipe.ts";
import { hashTree } from "./tree-hash.ts";

/** Our Directus extension; its bundle is committed, so nothing is built. A folder of extensions with this one in it. */
export const extensionBundle: StageRecipe = {
  id: "extension",
  title: "Directus extension",
  entry({ checkout }) {
    const dist = join("directus", "extension", "dist");
    return {
      name: "directus-extension",
      key: hashTree(checkout, [dist]),
      // Directus serves happily without an extension that is not there, so its absence must show here.
      proof: ["muster/package.json", "muster/api.js"],
      async build(folder, progress) {
        progress("copying the Directus extension");
        cpSync(join(checkout, dist), folder, { recursive: true });
      },
    };
  },
};
