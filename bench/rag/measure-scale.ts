/** The search inside one process over many made documents: how long a question takes, and how near the graph comes to comparing everything. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeOwnEngine, type OwnEngine } from "../../rag/bench/contenders.ts";
import { openIndexKeeper } from "../../rag/src/persistence/index-keeper.ts";
import { during } from "../progress.ts";
import { MADE_SEED, makeDocuments } from "./made-documents.ts";
import { quantile } from "./measure.ts";
import type { AddRow } from "./rows.ts";

export interface ScaleBench {
  readonly chunks: number;
  /** Words that the documents are made of. */
  readonly words: readonly string[];
  readonly questions: readonly string[];
  readonly searches: number;
}

const WARM_SEARCHES = 200;

export async function measureScale(bench: ScaleBench, add: AddRow<"scale">): Promise<void> {
  const { chunks, words, questions, searches } = bench;
  const own = await during(`scale: index, embed and connect ${chunks} chunks`, () =>
    makeOwnEngine(makeDocuments(words, chunks, MADE_SEED)),
  );
  const size = { chunks: own.store.lexical.size };
  add("index", own.indexMs, size);
  add("embed", own.embedMs, size);
  const { vectorIndex: index, likeness } = own;
  add("graph", own.vectorRecall(questions), { ...size, index, asked: questions.length, likeness });
  const times = await during(`scale: ${searches} searches`, () => {
    const rank = own.rank("auto");
    const one = (n: number): number => {
      const startedMs = performance.now();
      rank(questions[n % questions.length] ?? "", 10);
      return performance.now() - startedMs;
    };
    for (let n = 0; n < WARM_SEARCHES; n++) one(n);
    return Array.from({ length: searches }, (_, n) => one(n));
  });
  const detail = { ...size, searches, p99Ms: quantile(times, 0.99), maxMs: quantile(times, 1) };
  add("p50", quantile(times, 0.5), detail);
  add("p95", quantile(times, 0.95), detail);
  await during("scale: write and open the kept index", () => addOpening(own, add));
}

function addOpening(own: OwnEngine, add: AddRow<"scale">): void {
  const folder = mkdtempSync(join(tmpdir(), "muster-bench-"));
  try {
    const { keeper } = openIndexKeeper(folder);
    keeper.keep(
      [...own.store.all()].map(({ source }) => ({ op: "put", source })),
      own.store,
    );
    keeper.close();
    const startedMs = performance.now();
    const again = openIndexKeeper(folder);
    const openMs = performance.now() - startedMs;
    again.keeper.close();
    const chunks = again.store.lexical.size;
    add("open", chunks === own.store.lexical.size ? openMs : null, { chunks, failure: keeper.failure });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
