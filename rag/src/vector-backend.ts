import { loadHnswlib } from "./embedding/hnsw-graph.ts";

/**
 * Whether this machine can follow a graph through many vectors. `hnswlib-node` has no prebuilt binary, so a machine without a compiler lacks it and
 * compares every vector, at any size.
 */
export function detectVectorBackend(
  library: ReturnType<typeof loadHnswlib> = loadHnswlib(),
): "hnswlib-node" | "exact search (hnswlib-node absent)" {
  return library === null ? "exact search (hnswlib-node absent)" : "hnswlib-node";
}
