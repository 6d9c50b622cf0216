import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { counted } from "../../../output/counted.ts";
import { copyClosure, copySources, installedPins } from "./copy-package.ts";
import { loadLock, productionClosure } from "./lock-closure.ts";
import type { StageRecipe } from "./stage-recipe.ts";
import { digestOf, hashTree } from "./tree-hash.ts";

const WORKSPACE = "rag";

/** The search service: its sources, those of the board, and the packages both need at run time. */
export const ragService: StageRecipe = {
  id: "rag",
  title: "Search service",
  entry({ checkout, target }) {
    const { packages = checkout, architecture = process.arch } = target ?? {};
    const closure = productionClosure(loadLock(join(checkout, "package-lock.json")), WORKSPACE);
    const sources = [WORKSPACE, ...closure.links.map(({ target }) => target)];
    const sourcePaths = sources.flatMap((workspace) => [`${workspace}/package.json`, `${workspace}/src`]);
    return {
      name: "rag",
      key: digestOf([hashTree(checkout, sourcePaths), ...installedPins(packages, closure), architecture]),
      proof: ["rag/src/server.ts", "board/package.json", "node_modules/@muster/board/package.json"],
      async build(folder, progress) {
        progress(`copying the search service and ${counted(closure.packages.length, "package")}`);
        writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}\n');
        copySources(checkout, folder, sourcePaths);
        copyClosure(packages, folder, closure);
      },
    };
  },
};
