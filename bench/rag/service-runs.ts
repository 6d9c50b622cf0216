/** What every measurement of the real process shares: folders of made files, waiting for it, timing it, ending it. */
import { EXACT_UP_TO } from "../../rag/src/embedding/growing-index.ts";
import { loadHnswlib } from "../../rag/src/embedding/hnsw-graph.ts";
import { makeRagFolder, type RagFolder } from "../../rag/test/rag-process.ts";
import { say } from "../progress.ts";
import { makeDocuments } from "./made-documents.ts";
import type { Service } from "./service.ts";

export const CHUNKS_PER_FILE = 10;
/** A look lists every file: more of them would be what is measured. */
export const LOOK_MS = 200;

/** Indexed, embedded and, past what is compared one by one, connected: a graph in the making would be measured with it. */
export async function untilWhole(service: Service, chunks: number): Promise<void> {
  const isGraphed = chunks > EXACT_UP_TO && loadHnswlib() !== null;
  await service.until(async () => {
    const { indexed, pending, index } = await service.facts();
    return indexed === chunks / CHUNKS_PER_FILE && pending === 0 && (!isGraphed || index === "hnsw");
  }, LOOK_MS);
}

export async function writeMade(
  folder: RagFolder,
  words: readonly string[],
  chunks: number,
  seed: number,
): Promise<void> {
  for (const { id, text } of makeDocuments(words, chunks, seed)) await folder.write(id, text);
}

export async function timesOf(count: number, work: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const startedMs = performance.now();
    await work(n);
    times.push(performance.now() - startedMs);
  }
  return times;
}

/** An error of the work is told, also when the end fails because of it. */
export async function endAfter(service: Service, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await service.end().catch((reason: unknown) => say(String(reason)));
    throw error;
  }
  await service.end();
}

export async function withFolder(work: (folder: RagFolder) => Promise<void>): Promise<void> {
  const folder = await makeRagFolder();
  try {
    await work(folder);
  } finally {
    await folder.remove();
  }
}
