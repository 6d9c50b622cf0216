import { constants } from "node:fs";
import { open, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { CHAIN_FILE, dayFileOf, type LogAppended, type LogEntry, planAppend } from "@muster/board/log-chain";
import { RagError } from "../errors.ts";
import { asReadOnly, flushFolder } from "../memory/replace-file.ts";

const LOCK = ".append.lock";
const LOCK_TRIES = 200;
const LOCK_WAIT_MS = 10;

/**
 * Appends an entry to the day's file and chains it, as the board's plan of an append says.
 * @throws RagError MUSTER_RAG_READ_ONLY; MUSTER_RAG_BUSY when another writer holds the log for two seconds
 */
export async function appendLog(folder: string, entry: LogEntry, now: Date = new Date()): Promise<LogAppended> {
  const release = await takeLock(path.join(folder, LOCK));
  try {
    const day = path.join(folder, dayFileOf(now));
    const chain = path.join(folder, CHAIN_FILE);
    const plan = planAppend(entry, now, await readOrEmpty(day), (await readOrEmpty(chain)).toString("utf8"));
    await appendDurably(day, plan.text);
    await appendDurably(chain, plan.records);
    await flushFolder(folder);
    return plan.appended;
  } catch (error) {
    throw asReadOnly(error);
  } finally {
    await release();
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

async function appendDurably(file: string, content: string | Buffer): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
async function takeLock(file: string): Promise<() => Promise<void>> {
  for (let left = LOCK_TRIES; left > 0; left--) {
    try {
      const handle = await open(file, "wx", 0o644);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw asReadOnly(error);
      if (await isAbandoned(file)) await rm(file, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS));
    }
  }
  throw new RagError("MUSTER_RAG_BUSY", "Another writer has held the log for two seconds.");
}

async function isAbandoned(file: string): Promise<boolean> {
  const pid = Number(await readFile(file, "utf8").catch(() => "0"));
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
