import { constants } from "node:fs";
import { open, readFile, truncate } from "node:fs/promises";
import path from "node:path";
import { CHAIN_FILE, dayFileOf, type LogAppended, type LogEntry, planAppend } from "@muster/board/log-chain";
import { inTurn, withLock } from "../memory/one-writer.ts";
import { asDiskRefusal, flushFolder } from "../memory/replace-file.ts";

const LOCK = ".append.lock";

/**
 * Appends an entry to the day's file and chains it, as the board's plan of an append says.
 * What could not be written whole is taken back, so that no half entry stands in the log.
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
    try {
      await appendDurably(chain, plan.records);
    } catch (error) {
      await takeBack();
      throw error;
    }
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

/** Appends all of it or nothing, flushed. Answers how the file becomes what it was. */
async function appendDurably(file: string, content: string | Buffer): Promise<() => Promise<void>> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o644);
  try {
    const { size } = await handle.stat();
    try {
      await handle.writeFile(content);
      await handle.sync();
    } catch (error) {
      await handle.truncate(size);
      throw error;
    }
    return () => truncate(file, size);
  } finally {
    await handle.close();
  }
}
