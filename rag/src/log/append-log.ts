import { readFile } from "node:fs/promises";
import path from "node:path";
import { CHAIN_FILE, dayFileOf, type LogAppended, type LogEntry, planAppend } from "@muster/board/log-chain";
import { inTurn, withLock } from "../memory/one-writer.ts";
import { asDiskRefusal, flushFolder } from "../memory/replace-file.ts";
import { appendDurably } from "./append-durably.ts";

const LOCK = ".append.lock";

/**
 * Appends an entry to the day's file and chains it, as the board's plan of an append says: both or, after an error, neither.
 * @throws RagError MUSTER_RAG_READ_ONLY; MUSTER_RAG_DISK_FULL; MUSTER_RAG_BUSY when another writer holds the log for two seconds
 */
export function appendLog(folder: string, entry: LogEntry, now: Date = new Date()): Promise<LogAppended> {
  return inTurn(folder, () => withLock(path.join(folder, LOCK), () => append(folder, entry, now)));
}

async function append(folder: string, entry: LogEntry, now: Date): Promise<LogAppended> {
  try {
    const day = path.join(folder, dayFileOf(now));
    const chain = path.join(folder, CHAIN_FILE);
    const plan = planAppend(entry, now, await readOrEmpty(day), (await readOrEmpty(chain)).toString("utf8"));
    const takeBack = await appendDurably(day, plan.text);
    await appendDurably(chain, plan.records).catch(async (error) => {
      await takeBack();
      throw error;
    });
    await flushFolder(folder);
    return plan.appended;
  } catch (error) {
    throw asDiskRefusal(error);
  }
}

async function readOrEmpty(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}
