import type { StageId } from "../../../services/service-def.ts";
import { directusRuntime } from "./directus-runtime.ts";
import { extensionBundle } from "./extension-bundle.ts";
import { nodeBinary } from "./node-binary.ts";
import { portalApp } from "./portal-app.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import { ragService } from "./rag-service.ts";
import type { StageRecipe } from "./stage-recipe.ts";

const RECIPES: Readonly<Record<StageId, StageRecipe>> = {
  node: nodeBinary,
  postgres: postgresBinaries,
  "directus-runtime": directusRuntime,
  extension: extensionBundle,
  rag: ragService,
  portal: portalApp,
};

export function getRecipe(id: StageId): StageRecipe {
  return RECIPES[id];
}
