/** The real process of the search service, as a benchmark starts, asks and ends it. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RAG_NODE_FLAGS } from "../../cli/src/services/rag.ts";
import { type RagFolder, startRag, takePort } from "../../rag/test/rag-process.ts";

/** More than anything that is waited for takes; what takes longer is reported and not waited for. */
const PATIENCE_MS = 240_000;
const END_MS = 30_000;
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Ended with this process, however that ends: nothing is left running. */
const live = new Set<ChildProcess>();

export interface ServiceFacts {
  readonly indexed: number;
  readonly chunks: number;
  readonly pending: number;
  /** What finds the nearest vectors now. */
  readonly index: string;
}

export interface Service {
  /** From the start of the process to the first 200 of `/health/ready`. */
  readonly readyMs: number;
  /** Milliseconds since its process was started. */
  ageMs(): number;
  ask(question: object): Promise<readonly ServiceHit[]>;
  finds(path: string, question: object): Promise<boolean>;
  sync(): Promise<unknown>;
  /** Citations of all passages, compared with the files by the service. */
  verify(): Promise<{ readonly checked: number; readonly wrong: number }>;
  facts(): Promise<ServiceFacts>;
  /** Memory of its process in MB of 10^6 bytes: now, and the most that it ever was. */
  memory(): { readonly rssMb: number; readonly highestMb: number };
  /** Milliseconds until it holds. @throws Error with what went wrong when it does not in four minutes, or the process ends */
  until(holds: () => Promise<boolean>, everyMs: number): Promise<number>;
  /** @throws Error when it has to be killed, or ends with another code than 0 */
  end(): Promise<void>;
}

export interface ServiceHit {
  readonly path: string;
  readonly citation: string;
  readonly text: string;
}

/** Starts it over the folder, with an index that is kept there. @throws Error when it does not become ready */
export async function startService(folder: RagFolder): Promise<Service> {
  const { port, close } = await takePort();
  await close();
  const startedMs = performance.now();
  // What Node compiled is kept from start to start, as a driver keeps it.
  const kept = { ELK_OS_DATA_DIR: join(folder.root, "data"), NODE_COMPILE_CACHE: join(folder.root, "compiled") };
  const running = startRag({ ...folder.environment(port), ...kept }, RAG_NODE_FLAGS);
  const { child } = running;
  bindToThis(child);
  const headers = { authorization: `Bearer ${folder.apiKey}`, "content-type": "application/json" };
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const init = body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, signal });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  };
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const until = async (holds: () => Promise<boolean>, everyMs: number): Promise<number> => {
    const beganMs = performance.now();
    let trouble = "it never held";
    while (performance.now() - beganMs < PATIENCE_MS && !hasEnded()) {
      try {
        if (await holds()) return performance.now() - beganMs;
      } catch (error) {
        // Before it listens every call fails: only the last failure tells.
        trouble = error instanceof Error ? `${error.message} ${String(error.cause ?? "")}` : String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    const why = hasEnded() ? "it ended" : `${PATIENCE_MS / 1_000} s were not enough`;
    throw new Error(`The service did not get there: ${why}; ${trouble}\n${running.output().slice(-1_000)}`);
  };
  const end = async (): Promise<void> => {
    if (!hasEnded()) {
      child.kill("SIGTERM");
      await once(child, "exit", { signal: AbortSignal.timeout(END_MS) }).catch(() => child.kill("SIGKILL"));
    }
    const code = await running.exited;
    if (code !== 0) throw new Error(`The service ended with ${code ?? "a kill"}.\n${running.output().slice(-1_000)}`);
  };
  const ask = async (question: object): Promise<readonly ServiceHit[]> =>
    (await call<{ hits: readonly ServiceHit[] }>("/search", question)).hits;
  try {
    const ready = `http://127.0.0.1:${port}/health/ready`;
    await until(async () => (await fetch(ready, { signal: AbortSignal.timeout(PATIENCE_MS) })).ok, 10);
  } catch (error) {
    await end().catch(() => undefined);
    throw error;
  }
  const readyMs = performance.now() - startedMs;
  return {
    readyMs,
    ageMs: () => performance.now() - startedMs,
    ask,
    finds: async (path, question) => (await ask(question)).some((hit) => hit.path === path),
    sync: () => call("/index/sync", {}),
    verify: async () => (await call<{ citations: { checked: number; wrong: number } }>("/index/verify")).citations,
    facts: async () => {
      const { documents, chunks, vector } = await call<Stats>("/stats");
      return { indexed: documents.indexed, chunks, pending: vector.pending ?? 0, index: vector.index };
    },
    memory: () => memoryOf(child.pid),
    until,
    end,
  };
}

/** The process does not outlive this one. */
function bindToThis(child: ChildProcess): void {
  if (live.size === 0) {
    process.on("exit", endAll);
    for (const signal of SIGNALS) process.on(signal, exitBySignal);
  }
  live.add(child);
  child.once("exit", () => {
    live.delete(child);
    if (live.size > 0) return;
    process.off("exit", endAll);
    for (const signal of SIGNALS) process.off(signal, exitBySignal);
  });
}

function endAll(): void {
  for (const child of live) child.kill("SIGKILL");
}

/** Without this a signal ends the process without its exit handlers. */
function exitBySignal(signal: NodeJS.Signals): void {
  process.exit(signal === "SIGINT" ? 130 : 143);
}

interface Stats {
  readonly documents: { readonly indexed: number };
  readonly chunks: number;
  readonly vector: { readonly pending?: number; readonly index: string };
}

function memoryOf(pid: number | undefined): { readonly rssMb: number; readonly highestMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (field: string): number => {
    const kib = Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]);
    return Math.round((kib * 1_024) / 100_000) / 10;
  };
  return { rssMb: of("VmRSS"), highestMb: of("VmHWM") };
}
