import { createRequire } from "node:module";

/**
 * Which vector index this machine could use. `hnswlib-node` has no prebuilt binary, so a machine without a compiler
 * lacks it and would compare vectors one by one. Until an embedding model is installed neither is in use.
 */
export function detectVectorBackend(): "hnswlib-node" | "exact search (hnswlib-node absent)" {
  try {
    createRequire(import.meta.url)("hnswlib-node");
    return "hnswlib-node";
  } catch {
    return "exact search (hnswlib-node absent)";
  }
}
