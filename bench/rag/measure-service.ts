/** The real process over files of ten chunks: boot, latency over HTTP, memory, citations, freshness, a busy re-index. */
import { during } from "../progress.ts";
import { MADE_SEED } from "./made-documents.ts";
import { quantile } from "./measure.ts";
import { measureBulk } from "./measure-bulk.ts";
import { measureCitations } from "./measure-citations.ts";
import { measureFreshness } from "./measure-freshness.ts";
import type { AddRow } from "./rows.ts";
import { type Service, type ServiceHit, startService } from "./service.ts";
import { endAfter, timesOf, untilWhole, withFolder, writeMade } from "./service-runs.ts";

export interface ServiceBench {
  readonly chunks: number;
  /** Words that the documents are made of. */
  readonly words: readonly string[];
  readonly questions: readonly string[];
  /** Searches for the latency and before memory is read. */
  readonly searches: number;
  /** Files saved for each figure of freshness. */
  readonly saves: number;
  readonly boots: number;
}

const WARM_SEARCHES = 200;

export async function measureService(bench: ServiceBench, add: AddRow<"service">): Promise<void> {
  const { chunks, words, questions, boots } = bench;
  await withFolder(async (folder) => {
    await writeMade(folder, words, chunks, MADE_SEED);
    await during(`service: first start over ${chunks} chunks, until the graph is made`, async () => {
      const first = await startService(folder);
      await endAfter(first, () => untilWhole(first, chunks));
    });
    const readyS: number[] = [];
    for (let n = 1; n < boots; n++) {
      const again = await during(`service: boot ${n} of ${boots}`, () => startService(folder));
      readyS.push(again.readyMs / 1_000);
      await endAfter(again, () => untilWhole(again, chunks));
    }
    const warm = await during(`service: boot ${boots} of ${boots}`, () => startService(folder));
    readyS.push(warm.readyMs / 1_000);
    await endAfter(warm, async () => {
      add("ready", quantile(readyS, 0.5), { boots, worst: quantile(readyS, 1) });
      await untilWhole(warm, chunks);
      const one = (n: number): Promise<readonly ServiceHit[]> =>
        warm.ask({ query: questions[n % questions.length] ?? "" });
      await measureQuiet(warm, bench, one, add);
      await during(`service: cut the cited lines of ${questions.length} answers`, () =>
        measureCitations(folder, warm, questions.length, one, add),
      );
      await during("service: freshness", () => measureFreshness(folder, warm, bench.saves, add));
      await during("service: everything is indexed and embedded anew", () =>
        measureBulk(folder, warm, bench, one, add),
      );
    });
  });
}

async function measureQuiet(
  warm: Service,
  { searches }: ServiceBench,
  one: (n: number) => Promise<unknown>,
  add: AddRow<"service">,
): Promise<void> {
  const { chunks, index } = await warm.facts();
  const atStart = warm.memory();
  await timesOf(WARM_SEARCHES, one);
  const times = await during(`service: ${searches} searches`, () => timesOf(searches, one));
  const detail = { chunks, index, searches, p99Ms: quantile(times, 0.99), maxMs: quantile(times, 1) };
  add("p50", quantile(times, 0.5), detail);
  add("p95", quantile(times, 0.95), detail);
  const after = warm.memory();
  add("memory", after.rssMb, { chunks, searches, atStartMb: atStart.rssMb, highestMb: after.highestMb });
}
