/**
 * kill -9 of the search service in the middle of a write, a compaction or a swap, then perhaps harm to a file of its index, then a start; again
 * and again over the same folders. Everything that happens follows from the seed, but for the machine's own timing.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeRagFolder, type RagFolder, type RagProcess, startRag, takePort } from "../../../rag/test/rag-process.ts";
import { harmOneFile } from "./harm-files.ts";
import { seededRandom } from "./random.ts";

export interface CampaignResult {
  readonly seed: number;
  readonly rounds: number;
  /** Kills by what the service was asked to do. */
  readonly kills: Readonly<Record<Work, number>>;
  /** What the disk showed right after a kill: the service was caught in the middle. */
  readonly caught: {
    readonly draft: number;
    readonly unswapped: number;
    readonly tornLog: number;
    readonly unanswered: number;
  };
  readonly harmed: number;
  readonly documents: number;
  readonly acknowledged: number;
  /** All of these must be empty. */
  readonly faults: readonly string[];
  /** From the start of the process to the first 200 of `/health/ready`. */
  readonly readyMs: Figures;
  /** What of that was the service's own processor time: the same on a busy machine. */
  readonly readyCpuMs: Figures;
  readonly slowerThan5s: number;
}

interface Figures {
  readonly p50: number;
  readonly max: number;
}

const WORKS = ["write", "compaction", "swap"] as const;
type Work = (typeof WORKS)[number];

/** More changes than the log takes at once, so that a sync writes a generation. */
const COMPACTING_FILES = 210;
const READY_FLOOR_MS = 5_000;
/** A start that has not ended by then has failed; far above the floor, so that a loaded machine shows in the figures and not as a crash. */
const GIVE_UP_MS = 60_000;

interface Running {
  readonly process: RagProcess;
  readonly origin: string;
  readonly readyMs: number;
  readonly readyCpuMs: number;
}

interface Campaign {
  readonly folder: RagFolder;
  readonly data: string;
  readonly random: () => number;
  readonly faults: string[];
  /** Path → a word that stands in this document and in no other. */
  readonly truth: Map<string, string>;
}

/** Runs `rounds` kills. Everything that it made is gone afterwards. */
export async function runKillCampaign(options: { rounds: number; seed: number }): Promise<CampaignResult> {
  const folder = await makeRagFolder();
  const random = seededRandom(options.seed);
  const campaign: Campaign = { folder, data: join(folder.root, "data"), random, faults: [], truth: new Map() };
  for (let n = 0; n < COMPACTING_FILES; n++) writeDocument(campaign, `base${n}`, 0);
  const kills: Record<Work, number> = { write: 0, compaction: 0, swap: 0 };
  const caught = { draft: 0, unswapped: 0, tornLog: 0, unanswered: 0 };
  const starts: Running[] = [];
  let [harmed, acknowledged] = [0, 0];
  let running = await start(campaign);
  try {
    await settle(campaign, running, "first start");
    for (let round = 1; round <= options.rounds; round++) {
      const work = WORKS[Math.floor(random() * WORKS.length)] ?? "write";
      const answered = await workAndKill(campaign, running, work, round);
      kills[work] += 1;
      acknowledged += answered;
      if (answered === 0) caught.unanswered += 1;
      look(campaign, caught);
      if (random() < 0.5 && harmOneFile(campaign.data, random) !== null) harmed += 1;
      running = await start(campaign);
      starts.push(running);
      await settle(campaign, running, `round ${round}, ${work}`);
    }
  } finally {
    running.process.child.kill("SIGKILL");
    await running.process.exited;
    await folder.remove();
  }
  return {
    ...options,
    kills,
    caught,
    harmed,
    documents: campaign.truth.size,
    acknowledged,
    faults: campaign.faults,
    readyMs: figuresOf(starts.map(({ readyMs }) => readyMs)),
    readyCpuMs: figuresOf(starts.map(({ readyCpuMs }) => readyCpuMs)),
    slowerThan5s: starts.filter(({ readyMs }) => readyMs > READY_FLOOR_MS).length,
  };
}

function figuresOf(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0 };
}

/** Clock ticks are 10 ms on every Linux that Node runs on. */
function cpuMsOf(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function start({ folder, data }: Campaign): Promise<Running> {
  const { port, close } = await takePort();
  await close();
  const startedMs = performance.now();
  const process = startRag({ ...folder.environment(port), ELK_OS_DATA_DIR: data });
  const origin = `http://127.0.0.1:${port}`;
  while (performance.now() - startedMs < GIVE_UP_MS) {
    if (process.child.exitCode !== null) throw new Error(`The service ended:\n${process.output()}`);
    const status = await fetch(`${origin}/health/ready`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) {
      const readyMs = Math.round(performance.now() - startedMs);
      return { process, origin, readyMs, readyCpuMs: cpuMsOf(process.child.pid) };
    }
    await pause(10);
  }
  process.child.kill("SIGKILL");
  throw new Error(`The service was not ready after ${GIVE_UP_MS} ms:\n${process.output()}`);
}

/**
 * Asks for the work and kills at the n-th thing that happens on the disk, whatever the machine's load; at the latest when all is answered. Answers
 * how many writes were acknowledged before.
 */
async function workAndKill(campaign: Campaign, running: Running, work: Work, round: number): Promise<number> {
  const { random, truth } = campaign;
  let acknowledged = 0;
  const asked: Promise<unknown>[] = [];
  const kill = (): void => void running.process.child.kill("SIGKILL");
  const stopWatching = killAtEvent(campaign.data, 1 + Math.floor(random() * EVENTS[work]), kill);
  if (work === "compaction") {
    for (let n = 0; n < COMPACTING_FILES; n++) writeDocument(campaign, `base${n}`, round);
    asked.push(post(campaign, running, "/index/sync", {}));
  }
  if (work === "swap") asked.push(post(campaign, running, "/index/rebuild", {}));
  if (work === "write") {
    for (let n = 0; n < 4; n++) writeDocument(campaign, `file${Math.floor(random() * 40)}`, round);
    const gone = join(campaign.folder.root, `memory/file${Math.floor(random() * 40)}.md`);
    if (existsSync(gone)) {
      rmSync(gone);
      truth.delete(`memory/${gone.split("/").at(-1)}`);
    }
    asked.push(post(campaign, running, "/index/sync", {}));
  }
  const word = `acknowledged${round}x`;
  const lesson = { title: `Lesson of round ${round}`, body: `Only here: ${word}.`, force: true };
  const written = post(campaign, running, "/memory", lesson).then((status) => {
    if (status !== 200) return;
    acknowledged += 1;
    truth.set(`memory/lesson-of-round-${round}.md`, word);
  });
  await Promise.all([...asked, written]);
  stopWatching();
  kill();
  await running.process.exited;
  // A write that was not acknowledged may have happened or not: both are right, and the file says which.
  const path = `memory/lesson-of-round-${round}.md`;
  if (!truth.has(path) && existsSync(join(campaign.folder.root, path))) truth.set(path, word);
  return acknowledged;
}

/** How much each work does on the disk, about: a kill falls anywhere in it. */
const EVENTS: Readonly<Record<Work, number>> = { write: 4, compaction: 14, swap: 14 };

function killAtEvent(folder: string, nth: number, kill: () => void): () => void {
  let seen = 0;
  const watcher = watch(folder, { recursive: true }, () => {
    seen += 1;
    if (seen === nth) kill();
  });
  return () => watcher.close();
}

/** What of an interrupted work lies on the disk. */
function look({ data }: Campaign, caught: { draft: number; unswapped: number; tornLog: number }): void {
  const names = readdirSync(data);
  if (names.some((name) => name.endsWith(".draft"))) caught.draft += 1;
  const newest = names
    .filter((name) => /^gen-\d+$/.test(name))
    .sort()
    .at(-1);
  if (newest !== undefined && readFileSync(join(data, "CURRENT"), "utf8").trim() !== newest) caught.unswapped += 1;
  const log = names
    .filter((name) => name.startsWith("wal-"))
    .sort()
    .at(-1);
  if (log !== undefined) {
    const bytes = readFileSync(join(data, log));
    if (bytes.length > 0 && bytes.at(-1) !== 10) caught.tornLog += 1;
  }
}

/** Waits until the service says that it is well, then compares it with the truth: nothing lost, nothing twice, no wrong citation. */
async function settle(campaign: Campaign, running: Running, when: string): Promise<void> {
  const { truth, faults, random } = campaign;
  const note = (what: string): void => void faults.push(`${when}: ${what}`);
  let reasons: unknown = null;
  for (const until = performance.now() + GIVE_UP_MS; performance.now() < until; await pause(20)) {
    const health = await get(campaign, running, "/health");
    reasons = health["reasons"];
    if (Array.isArray(reasons) && reasons.length === 0) break;
  }
  if (!Array.isArray(reasons) || reasons.length > 0) note(`not well again: ${JSON.stringify(reasons)}`);
  const verified = await get(campaign, running, "/index/verify");
  if (verified["ok"] !== true) note(JSON.stringify(verified["problems"]));
  const { indexed } = verified["documents"] as { indexed: number };
  if (indexed !== truth.size) note(`${indexed} documents are indexed, ${truth.size} are true`);
  const all = [...truth];
  const asked = [all.at(-1), ...[1, 2, 3].map(() => all[Math.floor(random() * all.length)])];
  for (const one of asked) {
    if (one === undefined) continue;
    const [path, word] = one;
    const { hits } = await search(campaign, running, word);
    const found = hits.filter((hit) => hit.text.includes(word));
    if (found.length !== 1 || found[0]?.path !== path) note(`${path} was found ${found.length} times`);
    else if (found[0].text !== citedText(campaign, found[0].citation)) note(`${found[0].citation} is wrong`);
  }
}

function citedText({ folder }: Campaign, citation: string): string {
  const [, path = "", start, end] = /^(.+)#L(\d+)-L(\d+)$/.exec(citation) ?? [];
  const lines = readFileSync(join(folder.root, path), "utf8").split("\n");
  return lines.slice(Number(start) - 1, Number(end)).join("\n");
}

function writeDocument({ folder, truth, random }: Campaign, name: string, round: number): void {
  mkdirSync(join(folder.root, "memory"), { recursive: true });
  const word = `word${name}r${round}n${Math.floor(random() * 1e9)}`;
  const text = Array.from({ length: 12 }, (_, n) => `\n## Part ${n}\n\nSome lines about quagga ${n}.\n`).join("");
  writeFileSync(join(folder.root, `memory/${name}.md`), `# ${name}\n\nOnly here: ${word}.\n${text}`);
  truth.set(`memory/${name}.md`, word);
}

interface Hits {
  readonly hits: readonly { readonly path: string; readonly text: string; readonly citation: string }[];
}

async function search(campaign: Campaign, { origin }: Running, query: string): Promise<Hits> {
  const body = JSON.stringify({ query: `"${query}"`, mode: "lexical" });
  return (
    await fetch(`${origin}/search`, { method: "POST", headers: headersOf(campaign), body })
  ).json() as Promise<Hits>;
}

/** The status; 0 when the service was killed before it answered. */
async function post(campaign: Campaign, { origin }: Running, path: string, body: object): Promise<number> {
  const init = { method: "POST", headers: headersOf(campaign), body: JSON.stringify(body) };
  return fetch(`${origin}${path}`, init).then(
    (answer) => answer.status,
    () => 0,
  );
}

async function get(campaign: Campaign, { origin }: Running, path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${origin}${path}`, { headers: headersOf(campaign) });
  return answer.json() as Promise<Record<string, unknown>>;
}

function headersOf({ folder }: Campaign): Record<string, string> {
  return { authorization: `Bearer ${folder.apiKey}`, "content-type": "application/json" };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
