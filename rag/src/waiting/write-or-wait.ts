import type { LogAppended, LogEntry } from "@muster/board/log-chain";
import { RagError } from "../errors.ts";
import type { Library } from "../library.ts";
import { appendLog } from "../log/append-log.ts";
import { judgeMemory, type MemoryWrite, type MemoryWritten, writeMemory } from "../memory/write-memory.ts";
import type { WaitingWrites } from "./waiting-writes.ts";

/** What writing needs. */
export interface WriteParts {
  readonly library: Library;
  readonly memoryDir: string;
  readonly logDir: string;
  /** null: what cannot be written is refused. */
  readonly waiting?: WaitingWrites | null;
}

/** Accepted and on the disk, and in no file yet: no search finds it until whoever owns the files has taken it in. */
export interface Waits {
  readonly status: "waits";
  readonly id: string;
  /** When it was accepted: ISO 8601, UTC. */
  readonly at: string;
  readonly next: string;
}

const NEXT =
  "Not written yet, so not found yet: `elk-os rag take` on the machine of the checkout writes it. GET /writes says what waits and what was refused.";

/**
 * Writes a memory or, where the service may not, judges it by what it reads and has it wait.
 * @throws RagError as `writeMemory`; MUSTER_RAG_MEMORY_WAITS, MUSTER_RAG_WAITING_FULL
 */
export async function writeMemoryOrWait(
  { library, memoryDir, waiting = null }: WriteParts,
  write: MemoryWrite,
): Promise<({ readonly status: "written" } & MemoryWritten) | (Waits & Pick<MemoryWritten, "path" | "similar">)> {
  try {
    return { status: "written", ...(await writeMemory(library, memoryDir, write)) };
  } catch (error) {
    if (waiting === null || !isReadOnly(error)) throw error;
    const { draft, written } = await judgeMemory(library, memoryDir, write);
    if (!written.changed) return { status: "written", ...written };
    const { path, similar } = written;
    const accepted = await waiting.put({ kind: "memory", path, ...draft, if_match: write.if_match ?? null });
    return { ...toWaits(accepted), path, similar };
  }
}

/**
 * Appends to the log or, where the service may not, has the entry wait.
 * @throws RagError as `appendLog`; MUSTER_RAG_WAITING_FULL
 */
export async function appendLogOrWait(
  { library, logDir, waiting = null }: WriteParts,
  { title, body }: LogEntry,
): Promise<({ readonly status: "written" } & LogAppended) | Waits> {
  try {
    const appended = await appendLog(logDir, { title, body });
    await library.sync();
    return { status: "written", ...appended };
  } catch (error) {
    if (waiting === null || !isReadOnly(error)) throw error;
    return toWaits(await waiting.put({ kind: "log", title, body }));
  }
}

function toWaits({ id, at }: { readonly id: string; readonly at: string }): Waits {
  return { status: "waits", id, at, next: NEXT };
}

function isReadOnly(error: unknown): boolean {
  return error instanceof RagError && error.code === "MUSTER_RAG_READ_ONLY";
}
