/** What a campaign of kills works on, and the service in it: its start, and how it is asked. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type RagFolder, type RagProcess, startRag, takePort } from "../../../rag/test/rag-process.ts";
import type { SmallDisk } from "../small-disk.ts";
import type { CampaignBoard } from "./campaign-board.ts";

/** A start that has not ended by then has failed; far above the floor, so that a loaded machine shows in the figures and not as a crash. */
export const GIVE_UP_MS = 60_000;

export interface Campaign {
  readonly folder: RagFolder;
  /** The service's data folder. */
  readonly data: string;
  /** For what is done. */
  readonly random: () => number;
  /** For what is asked. */
  readonly asking: () => number;
  readonly faults: string[];
  /** Path → a word that stands in this document and in no other. */
  readonly truth: Map<string, string>;
  /** Path → the round in which it was last written. */
  readonly writtenIn: Map<string, number>;
  /** Entries of the log that were acknowledged: a word that stands in one entry and in no other. */
  readonly entries: string[];
  /** What was asked while the service was not yet well, and how much of it was found by then. */
  readonly healing: { asked: number; found: number };
  /** null where no board runs beside the campaign. */
  readonly board: CampaignBoard | null;
  /** Small disks under data/, memory/ and log/; null where this machine lets nobody mount. */
  readonly disks: Readonly<Record<"data" | "memory" | "log", SmallDisk>> | null;
}

export interface Running {
  readonly process: RagProcess;
  readonly origin: string;
  /** From the start of the process to the first 200 of `/health/ready`. */
  readonly readyMs: number;
  /** What of that was the service's own processor time. */
  readonly readyCpuMs: number;
}

export interface CampaignHit {
  readonly path: string;
  readonly text: string;
  readonly citation: string;
}

/** @throws Error when it ends, or is not ready in a minute */
export async function startService({ folder, data, board }: Campaign): Promise<Running> {
  const { port, close } = await takePort();
  await close();
  const startedMs = performance.now();
  // What Node compiled is kept from start to start, as a driver keeps it: outside of what is harmed.
  const kept = { ELK_OS_DATA_DIR: data, NODE_COMPILE_CACHE: join(folder.root, "compiled") };
  const process = startRag({ ...folder.environment(port), ...board?.environment, ...kept });
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
  const cpuMs = cpuMsOf(process.child.pid);
  process.child.kill("SIGKILL");
  throw new Error(`Not ready after ${GIVE_UP_MS} ms, ${cpuMs} ms of them its own work:\n${process.output()}`);
}

/** Clock ticks are 10 ms on every Linux that Node runs on. */
function cpuMsOf(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Passages that hold the word, by words alone. */
export async function search(campaign: Campaign, { origin }: Running, word: string): Promise<readonly CampaignHit[]> {
  const body = JSON.stringify({ query: `"${word}"`, mode: "lexical" });
  const answer = await fetch(`${origin}/search`, { method: "POST", headers: headersOf(campaign), body });
  const { hits } = (await answer.json()) as { hits: readonly CampaignHit[] };
  return hits.filter((hit) => hit.text.includes(word));
}

/** The status; 0 when the service was killed before it answered. */
export async function post(campaign: Campaign, { origin }: Running, path: string, body: object): Promise<number> {
  const init = { method: "POST", headers: headersOf(campaign), body: JSON.stringify(body) };
  return fetch(`${origin}${path}`, init).then(
    (answer) => answer.status,
    () => 0,
  );
}

export async function get(campaign: Campaign, { origin }: Running, path: string): Promise<Record<string, unknown>> {
  const answer = await fetch(`${origin}${path}`, { headers: headersOf(campaign) });
  return answer.json() as Promise<Record<string, unknown>>;
}

function headersOf({ folder }: Campaign): Record<string, string> {
  return { authorization: `Bearer ${folder.apiKey}`, "content-type": "application/json" };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
