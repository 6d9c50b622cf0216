/**
 * kill -9 of the search service in the middle of a write, a compaction or a swap, some of it on a full disk, then perhaps harm to a file of its index, then a
 * start; again and again over the same folders. Everything that happens follows from the seed, but for the machine's own timing.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeRagFolder, type RagFolder } from "../../../rag/test/rag-process.ts";
import type { TestPostgres } from "../postgres.ts";
import { mountSmallDisk } from "../small-disk.ts";
import { type Campaign, post, type Running, startService } from "./campaign.ts";
import { makeCampaignBoard } from "./campaign-board.ts";
import { compareWithTruth } from "./compare-truth.ts";
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
  /** Rounds on a full disk, and writes that were refused for it; null where this machine lets nobody mount a small one. */
  readonly full: { readonly rounds: number; readonly refused: number } | null;
  readonly documents: number;
  /** Lessons, and entries of the log, that were acknowledged. */
  readonly acknowledged: { readonly lessons: number; readonly entries: number };
  /** Tasks of the board beside it; null without one. */
  readonly tasks: number | null;
  /** Questions while the service was not well yet, and hits of theirs: each of these was cited right, or it is a fault. */
  readonly healing: { readonly asked: number; readonly found: number };
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
export const READY_FLOOR_MS = 5_000;
/** Several generations of the campaign's index fit, and so do its files. */
const DISK_BYTES = 33_554_432;
const DISKS = ["data", "memory", "log"] as const;
/** The most that a filled disk has left: a write finds its end anywhere in it. */
const MOST_LEFT_BYTES = 131_072;

/** Runs `rounds` kills, with a board of its own when a cluster is given. Everything that it made is gone afterwards. */
export async function runKillCampaign(options: {
  readonly rounds: number;
  readonly seed: number;
  readonly postgres: TestPostgres | null;
  /** Told after each round what it was and how long it took, so that a hang is seen. */
  readonly onRound?: (line: string) => void;
}): Promise<CampaignResult> {
  const { rounds, seed, postgres, onRound } = options;
  const random = seededRandom(seed);
  const folder = await makeRagFolder();
  mkdirSync(join(folder.root, "data"));
  const disks = mountDisks(folder);
  const board = postgres === null ? null : await makeCampaignBoard(postgres, folder.root, seededRandom(seed + 1));
  const campaign: Campaign = {
    folder,
    data: join(folder.root, "data"),
    random,
    // How often something is asked depends on the machine: it must not move what is done.
    asking: seededRandom(seed + 2),
    faults: [],
    truth: new Map(),
    writtenIn: new Map(),
    entries: [],
    healing: { asked: 0, found: 0 },
    board,
    disks,
  };
  for (let n = 0; n < COMPACTING_FILES; n++) writeDocument(campaign, `base${n}`, 0);
  const kills: Record<Work, number> = { write: 0, compaction: 0, swap: 0 };
  const caught = { draft: 0, unswapped: 0, tornLog: 0, unanswered: 0 };
  const full = { rounds: 0, refused: 0 };
  const starts: Running[] = [];
  let [harmed, lessons] = [0, 0];
  let running: Running | null = null;
  try {
    running = await startService(campaign);
    await compareWithTruth(campaign, running, "first start", 0);
    for (let round = 1; round <= rounds; round++) {
      const beganMs = performance.now();
      const work = WORKS[Math.floor(random() * WORKS.length)] ?? "write";
      const filled = random() < 0.3 ? (DISKS[Math.floor(random() * DISKS.length)] ?? "data") : null;
      await board?.change(round);
      const answers = await workAndKill(campaign, running, { work, filled, round });
      kills[work] += 1;
      if (answers.lesson === 200) lessons += 1;
      if (answers.lesson === 0) caught.unanswered += 1;
      if (disks !== null && filled !== null) full.rounds += 1;
      full.refused += [answers.lesson, answers.entry].filter((status) => status === NO_ROOM).length;
      look(campaign, caught);
      if (random() < 0.5 && harmOneFile(campaign.data, random) !== null) harmed += 1;
      running = await startService(campaign);
      starts.push(running);
      const on = filled === null || disks === null ? "" : `, ${filled} full`;
      await compareWithTruth(campaign, running, `round ${round}, ${work}${on}`, round);
      const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1);
      onRound?.(`${work}${on}: ${seconds} s, ready after ${running.readyMs} ms, ${campaign.faults.length} faults`);
    }
  } finally {
    running?.process.child.kill("SIGKILL");
    await running?.process.exited;
    await board?.drop();
    for (const disk of Object.values(disks ?? {})) disk.unmount();
    await folder.remove();
  }
  return {
    seed,
    rounds,
    kills,
    caught,
    harmed,
    full: disks === null ? null : full,
    documents: campaign.truth.size,
    acknowledged: { lessons, entries: campaign.entries.length },
    tasks: board === null ? null : board.truth.size,
    healing: campaign.healing,
    faults: campaign.faults,
    readyMs: figuresOf(starts.map(({ readyMs }) => readyMs)),
    readyCpuMs: figuresOf(starts.map(({ readyCpuMs }) => readyCpuMs)),
    slowerThan5s: starts.filter(({ readyMs }) => readyMs > READY_FLOOR_MS).length,
  };
}

/** One below each folder that is written; null when this machine lets nobody mount. */
function mountDisks(folder: RagFolder): Campaign["disks"] {
  const data = mountSmallDisk(join(folder.root, "data"), DISK_BYTES);
  const memory = data === null ? null : mountSmallDisk(join(folder.root, "memory"), DISK_BYTES);
  const log = memory === null ? null : mountSmallDisk(join(folder.root, "log"), DISK_BYTES);
  return data === null || memory === null || log === null ? null : { data, memory, log };
}

function figuresOf(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: sorted[sorted.length >> 1] ?? 0, max: sorted.at(-1) ?? 0 };
}

interface Round {
  readonly work: Work;
  readonly filled: (typeof DISKS)[number] | null;
  readonly round: number;
}

/** Insufficient storage: MUSTER_RAG_DISK_FULL. */
const NO_ROOM = 507;

/**
 * Asks for the work and kills at the n-th thing that happens on the disk, whatever the machine's load; at the latest when all is answered. Answers what
 * the two writes were told: 0 when the kill came first.
 */
async function workAndKill(
  campaign: Campaign,
  running: Running,
  { work, filled, round }: Round,
): Promise<{ readonly lesson: number; readonly entry: number }> {
  const { random, truth, writtenIn, disks, faults } = campaign;
  const kill = (): void => void running.process.child.kill("SIGKILL");
  if (work === "compaction") for (let n = 0; n < COMPACTING_FILES; n++) writeDocument(campaign, `base${n}`, round);
  if (work === "write") writeAndRemoveSome(campaign, round);
  const disk = filled === null ? null : (disks?.[filled] ?? null);
  // Drawn where nothing is filled, too: what follows is the same where nobody may mount.
  const left = Math.floor(random() * MOST_LEFT_BYTES);
  disk?.fill(left);
  const stopWatching = killAtEvent(campaign.data, 1 + Math.floor(random() * EVENTS[work]), kill);
  const asked = post(campaign, running, work === "swap" ? "/index/rebuild" : "/index/sync", {});
  const word = `acknowledged${round}x`;
  const path = `memory/lesson-of-round-${round}.md`;
  const text = { title: `Lesson of round ${round}`, body: `Only here: ${word}.`, force: true };
  const entryWord = `entry${round}x`;
  const [lesson, entry] = await Promise.all([
    post(campaign, running, "/memory", text),
    post(campaign, running, "/log", { title: `Round ${round}`, body: `Only here: ${entryWord}.` }),
    asked,
  ]);
  stopWatching();
  kill();
  await running.process.exited;
  disk?.free();
  for (const [what, status] of Object.entries({ lesson, entry }))
    if (![0, 200, NO_ROOM].includes(status)) faults.push(`round ${round}: the ${what} was answered with ${status}`);
  if (entry === 200) campaign.entries.push(entryWord);
  // A write that was not acknowledged may have happened or not: both are right, and the file says which. Half of it is not.
  const file = join(campaign.folder.root, path);
  const written = existsSync(file) ? readFileSync(file, "utf8") : null;
  if (written === null && lesson === 200) faults.push(`round ${round}: ${path} was acknowledged and is not there`);
  if (written !== null && !written.endsWith(`Only here: ${word}.\n`))
    faults.push(`round ${round}: ${path} is half there`);
  if (written !== null) {
    truth.set(path, word);
    writtenIn.set(path, round);
  }
  return { lesson, entry };
}

function writeAndRemoveSome(campaign: Campaign, round: number): void {
  const { random, truth, folder } = campaign;
  for (let n = 0; n < 4; n++) writeDocument(campaign, `file${Math.floor(random() * 40)}`, round);
  const path = `memory/file${Math.floor(random() * 40)}.md`;
  rmSync(join(folder.root, path), { force: true });
  truth.delete(path);
}

/** How much each work does on the disk, about: a kill falls anywhere in it. */
const EVENTS: Readonly<Record<Work, number>> = { write: 4, compaction: 14, swap: 14 };

function killAtEvent(folder: string, nth: number, kill: () => void): () => void {
  let seen = 0;
  const watcher = watch(folder, { recursive: true }, () => {
    seen += 1;
    if (seen === nth) kill();
  });
  // What is watched comes and goes. A watch that dies of it leaves the kill for when all is answered, and must not end the campaign.
  watcher.on("error", () => undefined);
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
  const current = names.includes("CURRENT") ? readFileSync(join(data, "CURRENT"), "utf8").trim() : null;
  if (newest !== undefined && current !== newest) caught.unswapped += 1;
  const log = names
    .filter((name) => name.startsWith("wal-"))
    .sort()
    .at(-1);
  if (log !== undefined) {
    const bytes = readFileSync(join(data, log));
    if (bytes.length > 0 && bytes.at(-1) !== 10) caught.tornLog += 1;
  }
}

function writeDocument({ folder, truth, writtenIn, random }: Campaign, name: string, round: number): void {
  const path = `memory/${name}.md`;
  const word = `word${name}r${round}n${Math.floor(random() * 1e9)}`;
  const text = Array.from({ length: 12 }, (_, n) => `\n## Part ${n}\n\nSome lines about quagga ${n}.\n`).join("");
  writeFileSync(join(folder.root, path), `# ${name}\n\nOnly here: ${word}.\n${text}`);
  truth.set(path, word);
  writtenIn.set(path, round);
}
