/**
 * Measures the search against its floors, rivals in the same run, and writes bench/results/rag-DAY.json:
 * node --expose-gc bench/rag/bench.ts [--quick] [--json] [--cranfield DIR]
 * A floor that cannot be measured here, or is missed, is said so.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { RAG_NODE_FLAGS } from "../../cli/src/services/rag.ts";
import { makeMiniSearch, makeOwnEngine } from "../../rag/bench/contenders.ts";
import { makeFts5, makeOrama } from "../../rag/bench/rivals.ts";
import { citationOf, textOf } from "../../rag/src/engine/passage.ts";
import { openIndexKeeper } from "../../rag/src/persistence/index-keeper.ts";
import { makeRagFolder, startRag, takePort } from "../../rag/test/rag-process.ts";
import { cranfieldFolder, type JudgedQuery, type JudgedSet, readCranfield, readJudgedFolder } from "./judged-set.ts";
import { measure, type Quality, quantile, type Ranker, timeTen } from "./measure.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    cranfield: { type: "string", default: process.env["CRANFIELD_DIR"] ?? "" },
  },
});
const ROOT = join(import.meta.dirname, "../..");
const CHUNKS = 20_000;
const SEARCHES = values.quick ? 500 : 10_000;

interface Row {
  readonly metric: string;
  readonly floor: string;
  readonly measured: unknown;
  /** null: not measured here. */
  readonly holds: boolean | null;
}

const rows: Row[] = [];
const add = (metric: string, floor: string, measured: unknown, holds: boolean | null): void => {
  rows.push({ metric, floor, measured, holds });
};

await judge("Cranfield", readCranfield(cranfieldFolder(values.cranfield)));
const memory = readJudgedFolder(join(import.meta.dirname, "memory-eval"));
await judge("memory", memory);
await judgeMemoryClasses(memory);
scale();
await service();
const at = new Date().toISOString();
const result = {
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim(),
  at,
  machine: {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    node: process.version,
  },
  rows,
};
mkdirSync(join(ROOT, "bench/results"), { recursive: true });
writeFileSync(join(ROOT, `bench/results/rag-${at.slice(0, 10)}.json`), `${JSON.stringify(result, null, 2)}\n`);
if (values.json) console.log(JSON.stringify(result));
else
  for (const { metric, floor, measured, holds } of rows)
    console.log(`${mark(holds)} ${metric}  (${floor})  ${JSON.stringify(measured)}`);

function mark(holds: boolean | null): string {
  return holds === null ? "·" : holds ? "✓" : "✗ MISSED";
}

async function judge(name: string, set: JudgedSet | null): Promise<void> {
  if (set === null) {
    add(`${name} nDCG@10`, "≥ MiniSearch in the same run", "the set is not here", null);
    return;
  }
  const own = makeOwnEngine(set.documents);
  const contenders: Readonly<Record<string, Ranker>> = {
    lexical: own.rank("lexical"),
    dense: own.rank("dense"),
    auto: own.rank("auto"),
    minisearch: makeMiniSearch(set.documents, false),
    minisearchPlain: makeMiniSearch(set.documents, true),
    orama: await makeOrama(set.documents),
    fts5: makeFts5(set.documents),
  };
  const quality: Record<string, Quality> = {};
  const times: Record<string, { p50Ms: number; p95Ms: number }> = {};
  for (const [contender, rank] of Object.entries(contenders)) {
    quality[contender] = await measure(set.queries, rank);
    times[contender] = await timeTen(set.queries, rank);
  }
  const score = (contender: string): number => quality[contender]?.ndcg10 ?? 0;
  const all = Object.fromEntries(Object.keys(contenders).map((contender) => [contender, score(contender)]));
  add(
    `${name} BM25F nDCG@10`,
    "≥ MiniSearch with stop words and stemming",
    all,
    score("lexical") >= score("minisearch"),
  );
  add(
    `${name} nDCG@10 vs MiniSearch, Orama, FTS5`,
    "ahead of all",
    { auto: score("auto"), bestRival: Math.max(score("minisearch"), score("orama"), score("fts5")) },
    score("auto") > Math.max(score("minisearch"), score("orama"), score("fts5")),
  );
  for (const split of ["dev", "test"] as const) {
    const queries = set.queries.filter((query) => query.split === split);
    const [words, meaning, both] = await Promise.all(
      (["lexical", "dense", "auto"] as const).map((mode) => measure(queries, own.rank(mode))),
    );
    const best = Math.max(words?.ndcg10 ?? 0, meaning?.ndcg10 ?? 0);
    const measured = { auto: both?.ndcg10, lexical: words?.ndcg10, dense: meaning?.ndcg10, recall5: both?.recall5 };
    add(`${name} auto vs best leg (${split})`, "never worse by > 0.005", measured, (both?.ndcg10 ?? 0) >= best - 0.005);
  }
  add(
    `${name} latency of ten hits vs MiniSearch`,
    "within 1.5×",
    times,
    (times["auto"]?.p50Ms ?? 0) <= (times["minisearch"]?.p50Ms ?? 0) * 1.5,
  );
}

async function judgeMemoryClasses(set: JudgedSet): Promise<void> {
  const rank = makeOwnEngine(set.documents).rank("auto");
  const of = (queries: readonly JudgedQuery[]) => measure(queries, rank);
  const all = await of(set.queries);
  const dev = await of(set.queries.filter(({ split }) => split === "dev"));
  const test = await of(set.queries.filter(({ split }) => split === "test"));
  const measured = { all: all.recall5, dev: dev.recall5, test: test.recall5 };
  add("memory-eval R@5", "≥ 0.92", measured, test.recall5 >= 0.92 && all.recall5 >= 0.92);
  const kinds: Record<string, { recall5: number; first: number; ndcg10: number }> = {};
  for (const kind of new Set(set.queries.map((query) => query.kind))) {
    const { recall5, first, ndcg10 } = await of(set.queries.filter((query) => query.kind === kind));
    kinds[kind] = { recall5, first, ndcg10 };
  }
  add("memory-eval by class", "reported", kinds, null);
  const exact = kinds["exact-id"]?.first ?? 0;
  add("exact id R@1", "= 1.0", exact, exact === 1);
  add("obsolete above its successor", "never", all.obsoleteAbove, all.obsoleteAbove === 0);
}

/** Documents of several sections whose words follow Zipf's law over the words of the memory set: the form of real notes, no meaning. */
function makeDocuments(chunks: number): { id: string; title: string; text: string }[] {
  const words = [...new Set(memory.documents.flatMap(({ text }) => text.match(/[\p{L}][\p{L}\p{N}_-]+/gu) ?? []))];
  let seed = 41;
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const word = (): string => words[Math.floor(words.length ** random()) - 1] ?? "word";
  const sentence = (): string => `${Array.from({ length: 12 }, word).join(" ")} W${Math.floor(random() * 50_000)}.`;
  const section = (n: number): string => `## ${word()} ${n}\n\n${Array.from({ length: 6 }, sentence).join(" ")}\n`;
  return Array.from({ length: chunks / 10 }, (_, n) => ({
    id: `memory/d${n}.md`,
    title: "",
    text: Array.from({ length: 10 }, (_, part) => section(n * 10 + part)).join("\n"),
  }));
}

function scale(): void {
  const own = makeOwnEngine(makeDocuments(CHUNKS));
  const chunks = own.store.lexical.size;
  const rank = own.rank("auto");
  for (let n = 0; n < 100; n++) rank(memory.queries[n % memory.queries.length]?.text ?? "", 10);
  const times: number[] = [];
  for (let n = 0; n < SEARCHES; n++) {
    const startedMs = performance.now();
    rank(memory.queries[n % memory.queries.length]?.text ?? "", 10);
    times.push(performance.now() - startedMs);
  }
  const recall = own.vectorRecall(memory.queries.map(({ text }) => text));
  if (recall === null) add("HNSW recall@10 vs exact", "≥ 0.99", "hnswlib-node is not installed here", null);
  else
    add(
      "HNSW recall@10 vs exact at 20k chunks",
      "≥ 0.99",
      { recall, questions: memory.queries.length },
      recall >= 0.99,
    );
  const measured = {
    chunks,
    searches: SEARCHES,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    p99Ms: quantile(times, 0.99),
  };
  add("search at 20k chunks", "p50 ≤ 5 ms, p95 ≤ 15 ms", measured, measured.p50Ms <= 5 && measured.p95Ms <= 15);
  add(
    "index and embed 20k chunks",
    "reported",
    { indexMs: Math.round(own.indexMs), embedMs: Math.round(own.embedMs) },
    null,
  );
  let wrong = 0;
  for (const document of own.store.all()) {
    const lines = document.source.content.split("\n");
    for (const passage of document.passages) {
      const [, from, to] = /#L(\d+)-L(\d+)$/.exec(citationOf(passage)) ?? [];
      if (lines.slice(Number(from) - 1, Number(to)).join("\n") !== textOf(passage)) wrong += 1;
    }
  }
  add("citations that reproduce their text", "100 %", { checked: chunks, wrong }, wrong === 0);
  const folder = mkdtempSync(join(tmpdir(), "muster-bench-"));
  const kept = openIndexKeeper(folder);
  kept.keeper.keep(
    [...own.store.all()].map(({ source }) => ({ op: "put", source })),
    own.store,
  );
  kept.keeper.close();
  const startedMs = performance.now();
  const again = openIndexKeeper(folder);
  const openMs = Math.round(performance.now() - startedMs);
  again.keeper.close();
  rmSync(folder, { recursive: true });
  add("open a kept index of 20k chunks", "reported (part of boot)", { openMs, chunks: again.store.lexical.size }, null);
}

/** The real process over 2,000 files of ten chunks: boot, freshness, memory. */
async function service(): Promise<void> {
  const rag = await makeRagFolder();
  try {
    for (const { id, text } of makeDocuments(CHUNKS)) await rag.write(id, text);
    const cold = await startTimed(rag);
    const coldMs = await until(async () => (await health(cold.origin)).documents.indexed === CHUNKS / 10, 120_000);
    await until(async () => (await stats(cold.origin)).vector.pending === 0, 120_000);
    add("cold index of 2,000 files", "30 s for 1,000", { ms: coldMs }, coldMs <= 60_000);
    cold.kill();
    await cold.exited;
    const warm = await startTimed(rag);
    add("boot to ready at 20k chunks", "≤ 1.5 s", { ms: warm.readyMs }, warm.readyMs <= 1_500);
    await until(async () => (await stats(warm.origin)).vector.pending === 0, 120_000);
    const hits: number[] = [];
    for (let n = 0; n < (values.quick ? 5 : 20); n++) {
      await rag.write(`memory/fresh${n}.md`, `# Fresh ${n}\n\nquokka${n}xyz\n`);
      hits.push(
        await until(
          async () =>
            (await ask(warm.origin, rag.apiKey, `quokka${n}xyz`)).hits.some(({ path }) =>
              path.endsWith(`fresh${n}.md`),
            ),
          10_000,
        ),
      );
    }
    add(
      "save → lexical hit p95",
      "≤ 1 s",
      { p50Ms: quantile(hits, 0.5), p95Ms: quantile(hits, 0.95) },
      quantile(hits, 0.95) <= 1_000,
    );
    const semantic: number[] = [];
    for (let n = 0; n < (values.quick ? 5 : 20); n++) {
      const path = `memory/meaning${n}.md`;
      await rag.write(path, `# Lorry ${n}\n\nThe lorry left the motorway near exit ${n}.\n`);
      semantic.push(await until(() => isNear(warm.origin, rag.apiKey, path), 10_000));
    }
    add(
      "save → semantic hit p95",
      "≤ 2 s",
      { p50Ms: quantile(semantic, 0.5), p95Ms: quantile(semantic, 0.95) },
      quantile(semantic, 0.95) <= 2_000,
    );
    const busy: number[] = [];
    let isDone = false;
    const rebuilt = post(warm.origin, rag.apiKey, "/index/rebuild", {}).finally(() => {
      isDone = true;
    });
    for (let n = 0; !isDone; n++) {
      const startedMs = performance.now();
      await ask(warm.origin, rag.apiKey, memory.queries[n % memory.queries.length]?.text ?? "");
      busy.push(performance.now() - startedMs);
    }
    await rebuilt;
    add(
      "search during a bulk re-index at 20k chunks",
      "p95 ≤ 60 ms",
      { searches: busy.length, p50Ms: quantile(busy, 0.5), p95Ms: quantile(busy, 0.95) },
      quantile(busy, 0.95) <= 60,
    );
    for (let n = 0; n < SEARCHES; n++)
      await ask(warm.origin, rag.apiKey, memory.queries[n % memory.queries.length]?.text ?? "");
    const { rss_mb } = await stats(warm.origin);
    add(`RSS at 20k chunks after ${SEARCHES} searches`, "≤ 230 MB", { rssMb: rss_mb }, rss_mb <= 230);
    warm.kill();
    await warm.exited;
  } finally {
    await rag.remove();
  }
}

async function startTimed(rag: Awaited<ReturnType<typeof makeRagFolder>>) {
  const { port, close } = await takePort();
  await close();
  const startedMs = performance.now();
  const running = startRag({ ...rag.environment(port), ELK_OS_DATA_DIR: join(rag.root, "data") }, RAG_NODE_FLAGS);
  const origin = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${origin}/health/ready`)).ok, 60_000);
  return {
    origin,
    readyMs: Math.round(performance.now() - startedMs),
    kill: () => running.child.kill("SIGTERM"),
    exited: running.exited,
  };
}

async function until(holds: () => Promise<boolean>, withinMs: number): Promise<number> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < withinMs) {
    if (await holds().catch(() => false)) return Math.round(performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("The service did not get there in time.");
}

async function health(origin: string): Promise<{ documents: { indexed: number } }> {
  return (await fetch(`${origin}/health`)).json() as Promise<{ documents: { indexed: number } }>;
}

async function stats(origin: string): Promise<{ rss_mb: number; vector: { pending: number } }> {
  return (await fetch(`${origin}/stats`)).json() as Promise<{ rss_mb: number; vector: { pending: number } }>;
}

async function ask(origin: string, key: string, query: string): Promise<{ hits: { path: string }[] }> {
  return post(origin, key, "/search", { query }) as Promise<{ hits: { path: string }[] }>;
}

/** By likeness alone: its words are in none of the question. */
async function isNear(origin: string, key: string, path: string): Promise<boolean> {
  const query = { query: "truck on a highway", mode: "dense", limit: 50 };
  const { hits } = (await post(origin, key, "/search", query)) as { hits: { path: string }[] };
  return hits.some((hit) => hit.path === path);
}

async function post(origin: string, key: string, path: string, body: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const answer = await fetch(`${origin}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.json();
}
