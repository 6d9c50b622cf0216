/** How near the graph comes to comparing everything, as it ships, among real texts and among vectors that others published. */
import { makeOwnEngine } from "../../rag/bench/contenders.ts";
import { loadHnswlib } from "../../rag/src/embedding/hnsw-graph.ts";
import { recallOnPublishedVectors } from "../../rag/test/published-vectors.ts";
import { during } from "../progress.ts";
import { readInstalledTexts } from "./installed-texts.ts";
import type { AddRow } from "./rows.ts";

/** @throws Error where hnswlib-node is not installed: every vector is compared there, and there is no graph to judge */
export async function measureRecall(questions: readonly string[], files: number, add: AddRow<"recall">): Promise<void> {
  const library = loadHnswlib();
  if (library === null) throw new Error("hnswlib-node is not installed here: install with a compiler.");
  const { recall, ...published } = recallOnPublishedVectors(library);
  add("published", recall, published);
  const texts = readInstalledTexts(files);
  const own = await during(`recall: index, embed and connect ${texts.length} real texts`, () =>
    makeOwnEngine(texts, 0),
  );
  const { store, likeness } = own;
  const detail = { files: texts.length, passages: store.lexical.size, asked: questions.length, likeness };
  add("real", await during("recall: ask the graph and all", () => own.vectorRecall(questions)), detail);
}
