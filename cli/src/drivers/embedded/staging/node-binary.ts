import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { isReadableBy } from "../../../host/files.ts";
import type { StageRecipe } from "./stage-recipe.ts";
import { digestOf } from "./tree-hash.ts";

/** Owner of nothing: what it may read, a system user made for the services may read. */
export const STRANGER = { uid: 4_294_967_293, gid: 4_294_967_293 };
export const NODE_BINARY = join("bin", "node");

/** True when the running Node cannot be used as it lies, because the service user cannot reach it. */
export function needsOwnNode(hasServiceUser: boolean): boolean {
  return hasServiceUser && !isReadableBy(process.execPath, STRANGER);
}

/** May the service user read that path of the checkout? */
export function isOpenToServices(path: string, hasServiceUser: boolean): boolean {
  return !hasServiceUser || isReadableBy(path, STRANGER);
}

/** A copy of the running Node, for a launcher that installed it below a 0700 home. */
export const nodeBinary: StageRecipe = {
  id: "node",
  title: "Node",
  entry: () => ({
    name: `node-${process.versions.node}-${process.arch}`,
    key: digestOf([process.versions.node, process.arch, process.execPath]),
    proof: [NODE_BINARY],
    async build(folder, progress) {
      progress(`copying Node ${process.versions.node}`);
      mkdirSync(join(folder, "bin"));
      copyFileSync(process.execPath, join(folder, NODE_BINARY));
    },
  }),
};
