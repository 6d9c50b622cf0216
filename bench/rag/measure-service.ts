/** The real process over files of ten chunks: cold index, boot, freshness, latency over HTTP, memory. */
import { join } from "node:path";
import { RAG_NODE_FLAGS } from "../../cli/src/services/rag.ts";
import { makeRagFolder, type RagFolder, startRag, takePort } from "../../rag/test/rag-process.ts";
import { makeDocuments } from "./made-documents.ts";
import { quantile } from "./measure.ts";
import type { AddRow } from "./rows.ts";

export interface ServiceBench {
  readonly chunks: number;
  /** Words that the documents are made of. */
  readonly words: readonly string[];
  readonly questions: readonly string[];
  /** Searches for the latency and before memory is read. */
  readonly searches: number;
  /** Files saved for each figure of freshness. */
  readonly saves: number;
}

/** The floor is said for this many files. */
const COLD_FILES = 1_000;
const PATIENCE_MS = 240_000;
/** The same seed gives the same texts; another one others, so that each passage wants a new vector. */
const SEED = 41;

/** Adds a row for each figure. Everything it starts has ended afterwards. */
export async function measureService(bench: ServiceBench, add: AddRow): Promise<void> {
  await withFolder((folder) => measureCold(folder, bench, add));
  await withFolder((folder) => measureWarm(folder, bench, add));
}

async function withFolder(work: (folder: RagFolder) => Promise<void>): Promise<void> {
  const folder = await makeRagFolder();
  try {
    await work(folder);
  } finally {
    await folder.remove();
  }
}

/** From the start of the process over files that it never saw, so that its own start counts. */
async function measureCold(folder: RagFolder, { chunks, words }: ServiceBench, add: AddRow): Promise<void> {
  const files = Math.min(COLD_FILES, chunks / 10);
  for (const { id, text } of makeDocuments(words, files * 10, SEED)) await folder.write(id, text);
  const cold = await start(folder);
  try {
    await until(async () => (await cold.stats()).indexed === files);
    const wordsMs = cold.ageMs();
    await until(async () => (await cold.stats()).pending === 0);
    const measured = { files, wordsMs, withVectorsMs: cold.ageMs() };
    add(`cold index of ${files} files, from the start of the process`, "≤ 30 s", measured, cold.ageMs() <= 30_000);
  } finally {
    await cold.end();
  }
}

async function measureWarm(folder: RagFolder, bench: ServiceBench, add: AddRow): Promise<void> {
  const { chunks, words, questions, searches, saves } = bench;
  for (const { id, text } of makeDocuments(words, chunks, SEED)) await folder.write(id, text);
  const cold = await start(folder);
  try {
    await until(async () => isWhole(await cold.stats(), chunks / 10));
  } finally {
    await cold.end();
  }
  const warm = await start(folder);
  try {
    add(`boot to ready at ${chunks} chunks`, "≤ 1.5 s", { ms: warm.readyMs }, warm.readyMs <= 1_500);
    await until(async () => isWhole(await warm.stats(), chunks / 10));
    const one = (n: number): Promise<unknown> => warm.ask({ query: questions[n % questions.length] ?? "" });
    for (let n = 0; n < 100; n++) await one(n);
    const quiet = await timesOf(searches, one);
    const [p50Ms, p95Ms] = [quantile(quiet, 0.5), quantile(quiet, 0.95)];
    add(
      `search at ${chunks} chunks, over HTTP`,
      "p50 ≤ 5 ms, p95 ≤ 15 ms",
      { searches, p50Ms, p95Ms },
      p50Ms <= 5 && p95Ms <= 15,
    );
    const rssMb = (await warm.stats()).rss;
    add(`RSS at ${chunks} chunks after ${searches} searches`, "≤ 230 MB", { rssMb }, rssMb <= 230);
    await measureFreshness(folder, warm, saves, add);
    const { citations } = await warm.verify();
    add("citations that reproduce their text, cut from the files", "100 %", citations, citations.wrong === 0);
    await measureBulk(folder, warm, bench, one, add);
    add("RSS after that re-index", "reported", { rssMb: (await warm.stats()).rss }, null);
  } finally {
    await warm.end();
  }
}

async function measureFreshness(folder: RagFolder, warm: Service, saves: number, add: AddRow): Promise<void> {
  const [words, meaning]: number[][] = [[], []];
  for (let n = 0; n < saves; n++) {
    const path = `memory/fresh${n}.md`;
    await folder.write(path, `# Fresh ${n}\n\nquokka${n}xyz\n`);
    words?.push(await until(() => warm.finds(path, { query: `quokka${n}xyz` })));
  }
  for (let n = 0; n < saves; n++) {
    const path = `memory/meaning${n}.md`;
    await folder.write(path, `# Lorry ${n}\n\nThe lorry left the motorway near exit ${n}.\n`);
    // By likeness alone: its words are in none of the question.
    meaning?.push(await until(() => warm.finds(path, { query: "truck on a highway", mode: "dense", limit: 50 })));
  }
  for (const [kind, times, floorMs] of [
    ["lexical", words ?? [], 1_000],
    ["semantic", meaning ?? [], 2_000],
  ] as const) {
    const measured = { saves, p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95) };
    add(`save → ${kind} hit p95`, `≤ ${floorMs / 1_000} s`, measured, measured.p95Ms <= floorMs);
  }
}

/** Every file gets another text, so that each passage is cut, indexed and embedded anew while questions come one after the other. */
async function measureBulk(
  folder: RagFolder,
  warm: Service,
  { chunks, words }: ServiceBench,
  one: (n: number) => Promise<unknown>,
  add: AddRow,
): Promise<void> {
  const startedMs = performance.now();
  let isDone = false;
  const work = (async () => {
    for (const { id, text } of makeDocuments(words, chunks, SEED + 1)) await folder.write(id, text);
    await warm.sync();
    await until(async () => (await warm.stats()).pending === 0, 250);
  })().finally(() => {
    isDone = true;
  });
  const times: number[] = [];
  for (let n = 0; !isDone; n++) times.push(...(await timesOf(1, () => one(n))));
  await work;
  const tookMs = Math.round(performance.now() - startedMs);
  const measured = { searches: times.length, tookMs, p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95) };
  add(`search while ${chunks} chunks are re-indexed and embedded`, "p95 ≤ 60 ms", measured, measured.p95Ms <= 60);
}

async function timesOf(count: number, work: (n: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const startedMs = performance.now();
    await work(n);
    times.push(performance.now() - startedMs);
  }
  return times;
}

interface Stats {
  readonly indexed: number;
  readonly pending: number;
  readonly rss: number;
}

function isWhole({ indexed, pending }: Stats, files: number): boolean {
  return indexed === files && pending === 0;
}

type Service = Awaited<ReturnType<typeof start>>;

async function start(folder: RagFolder) {
  const { port, close } = await takePort();
  await close();
  const startedMs = performance.now();
  const running = startRag({ ...folder.environment(port), ELK_OS_DATA_DIR: join(folder.root, "data") }, RAG_NODE_FLAGS);
  const headers = { authorization: `Bearer ${folder.apiKey}`, "content-type": "application/json" };
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const end = async (): Promise<void> => {
    running.child.kill("SIGTERM");
    await running.exited;
  };
  const ask = (question: object) => call<{ hits: readonly { path: string }[] }>("/search", question);
  try {
    await until(async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    readyMs: Math.round(performance.now() - startedMs),
    /** Milliseconds since its process was started. */
    ageMs: () => Math.round(performance.now() - startedMs),
    ask,
    finds: async (path: string, question: object) => (await ask(question)).hits.some((hit) => hit.path === path),
    sync: () => call("/index/sync", {}),
    verify: () => call<{ citations: { checked: number; wrong: number } }>("/index/verify"),
    stats: async (): Promise<Stats> => {
      const [{ documents }, { vector, rss_mb }] = await Promise.all([
        call<{ documents: { indexed: number } }>("/health"),
        call<{ vector: { pending: number }; rss_mb: number }>("/stats"),
      ]);
      return { indexed: documents.indexed, pending: vector.pending, rss: rss_mb };
    },
    end,
  };
}

/** Milliseconds until it holds. @throws Error when it does not in four minutes */
async function until(holds: () => Promise<boolean>, everyMs = 10): Promise<number> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < PATIENCE_MS) {
    if (await holds().catch(() => false)) return Math.round(performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error("The service did not get there in time.");
}
