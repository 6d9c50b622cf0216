import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { RagError } from "../errors.ts";
import { inTurn } from "../memory/one-writer.ts";
import { flushFolder, replaceFile } from "../memory/replace-file.ts";
import {
  type Outcome,
  type RefusedWrite,
  refusedSchema,
  type WaitingWrite,
  type Write,
  waitingSchema,
} from "./waiting-write.ts";

/** How many there are, by the names of their files: looked up for each answer. */
export interface WaitingCounts {
  readonly waiting: number;
  /** Since the oldest was accepted; 0 when none waits. */
  readonly oldestMs: number;
  readonly refused: number;
}

/**
 * Writes that the service accepted where it may not write memory and log themselves: one file each, whole and flushed before the caller is answered. Whoever
 * owns the files asks for them, writes them, and says what became of each. Names are times, so their order is that of their coming.
 */
export interface WaitingWrites {
  /** The same memory again is the one that waits already. @throws RagError MUSTER_RAG_MEMORY_WAITS, MUSTER_RAG_WAITING_FULL, MUSTER_RAG_READ_ONLY */
  put(write: Write): Promise<WaitingWrite>;
  list(): Promise<{ readonly waiting: readonly WaitingWrite[]; readonly refused: readonly RefusedWrite[] }>;
  counts(): Promise<WaitingCounts>;
  /** An id that is not there is passed over: the answer to an earlier try was lost. One that comes back after a power cut is taken in again, which changes nothing. */
  settle(outcomes: readonly Outcome[]): Promise<void>;
}

/** Past this nobody takes them in, and one more promise would be a lie. */
const MOST = 200;
/** The newest are kept until they are forgotten. */
const MOST_REFUSED = 100;
const ID = /^(\d{13})-[0-9a-f]{16}$/;

export function openWaitingWrites(folder: string): WaitingWrites {
  const refusedFolder = path.join(folder, "refused");
  const fileOf = (id: string, place = folder): string => path.join(place, `${id}.json`);
  const waitingIds = (): Promise<readonly string[]> => idsIn(folder);
  const store = async (place: string, write: WaitingWrite): Promise<void> => {
    const made = await mkdir(place, { recursive: true, mode: 0o700 });
    if (made !== undefined) await flushFolder(path.dirname(place));
    await replaceFile(fileOf(write.id, place), JSON.stringify(write), async () => undefined);
  };
  const all = async () => readAll(folder, await waitingIds(), waitingSchema);

  const findWaiting = async (path: string): Promise<WaitingWrite | undefined> =>
    (await all()).flatMap(({ value }) => (value === null ? [] : [value])).find(({ write }) => pathOf(write) === path);

  const put = async (write: Write): Promise<WaitingWrite> => {
    const same = write.kind === "memory" ? await findWaiting(write.path) : undefined;
    if (same !== undefined && isDeepStrictEqual(same.write, write)) return same;
    if (same !== undefined) {
      const path = pathOf(write);
      throw new RagError("MUSTER_RAG_MEMORY_WAITS", `A write of "${path}" waits to be taken in.`, {
        path,
        id: same.id,
      });
    }
    const ids = await waitingIds();
    if (ids.length >= MOST) {
      throw new RagError("MUSTER_RAG_WAITING_FULL", `${ids.length} writes wait, and nobody takes them in.`);
    }
    // Never before the last: two of one millisecond, or a clock that was set back, keep their order.
    const ms = Math.max(Date.now(), timeOf(ids.at(-1)) + 1);
    const accepted = { id: `${ms}-${randomBytes(8).toString("hex")}`, at: new Date(ms).toISOString(), write };
    await store(folder, accepted);
    return accepted;
  };

  const settleOne = async (given: Outcome): Promise<void> => {
    if (!ID.test(given.id)) return;
    if (given.outcome === "forgotten") return rm(fileOf(given.id, refusedFolder), { force: true });
    const [found] = await readAll(
      folder,
      (await waitingIds()).filter((id) => id === given.id),
      waitingSchema,
    );
    if (found === undefined) return;
    if (given.outcome === "refused") {
      const { code, message } = given;
      const write = found.value ?? damaged(given.id);
      const refused: RefusedWrite = { ...write, refused: { at: new Date().toISOString(), code, message } };
      await store(refusedFolder, refused);
    }
    await rm(fileOf(given.id), { force: true });
  };

  return {
    put: (write) => inTurn(folder, () => put(write)),
    list: async () => {
      const waiting = await all();
      const refused = await readAll(refusedFolder, await idsIn(refusedFolder), refusedSchema);
      return {
        // One that cannot be read is named all the same: it was promised to somebody.
        waiting: waiting.map(({ id, value }) => value ?? damaged(id)),
        refused: refused.flatMap(({ value }) => (value === null ? [] : [value])),
      };
    },
    counts: async () => {
      const ids = await waitingIds();
      const oldestMs = ids.length === 0 ? 0 : Math.max(0, Date.now() - timeOf(ids[0]));
      return { waiting: ids.length, oldestMs, refused: (await idsIn(refusedFolder)).length };
    },
    settle: (outcomes) =>
      inTurn(folder, async () => {
        for (const outcome of outcomes) await settleOne(outcome);
        const tooMany = (await idsIn(refusedFolder)).slice(0, -MOST_REFUSED);
        for (const id of tooMany) await rm(fileOf(id, refusedFolder), { force: true });
      }),
  };
}

function pathOf(write: Write): string | null {
  return write.kind === "memory" ? write.path : null;
}

/** Its owner refuses it: a log entry needs a title. */
function damaged(id: string): WaitingWrite {
  return { id, at: new Date(timeOf(id)).toISOString(), write: { kind: "log", title: "", body: "" } };
}

function timeOf(id: string | undefined): number {
  return Number(ID.exec(id ?? "")?.[1] ?? 0);
}

async function idsIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names.flatMap((name) => (ID.test(name.replace(/\.json$/, "")) ? [name.replace(/\.json$/, "")] : [])).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** In the order of ids; null: it is no write. One that is gone by now is left out. */
async function readAll<T>(
  folder: string,
  ids: readonly string[],
  schema: z.ZodType<T>,
): Promise<readonly { readonly id: string; readonly value: T | null }[]> {
  const found: { id: string; value: T | null }[] = [];
  for (const id of ids) {
    const text = await readFile(path.join(folder, `${id}.json`), "utf8").catch(() => null);
    if (text !== null) found.push({ id, value: parse(text, schema) });
  }
  return found;
}

function parse<T>(text: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // Damaged on the disk: the caller names it.
    return null;
  }
}
