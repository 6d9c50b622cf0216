import type { RagFolder } from "../../rag/test/rag-process.ts";
import { MADE_SEED, makeDocuments } from "./made-documents.ts";
import { quantile } from "./measure.ts";
import type { AddRow } from "./rows.ts";
import type { Service } from "./service.ts";
import { LOOK_MS, timesOf } from "./service-runs.ts";

/** Every file gets another text, so that each passage is cut, indexed and embedded anew while questions come one after the other. */
export async function measureBulk(
  folder: RagFolder,
  warm: Service,
  { chunks, words }: { readonly chunks: number; readonly words: readonly string[] },
  one: (n: number) => Promise<unknown>,
  add: AddRow<"service">,
): Promise<void> {
  const made = makeDocuments(words, chunks, MADE_SEED + 1);
  const startedMs = performance.now();
  let isDone = false;
  const work = (async () => {
    for (const { id, text } of made) await folder.write(id, text);
    await warm.sync();
    await warm.until(async () => (await warm.facts()).pending === 0, LOOK_MS);
  })().finally(() => {
    isDone = true;
  });
  const times: number[] = [];
  // What the work throws is thrown where it is awaited.
  work.catch(() => undefined);
  for (let n = 0; !isDone; n++) times.push(...(await timesOf(1, () => one(n))));
  await work;
  const tookMs = Math.round(performance.now() - startedMs);
  const figures = { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), maxMs: quantile(times, 1) };
  add("bulk", quantile(times, 0.95), { chunks, searches: times.length, tookMs, ...figures });
  const { rssMb, highestMb } = warm.memory();
  add("memoryAfter", rssMb, { highestMb });
}
