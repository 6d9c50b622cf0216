import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { CHAIN_FILE, dayFileOf, type LogAppended, type LogEntry, planAppend } from "@muster/board/log-chain";
import { withFolderLock } from "../state/folder-lock.ts";

const LOCK = ".append.lock";

/**
 * Appends an entry to the day's file and chains it, as the board's plan of an append says.
 * What could not be written whole is taken back, so that no half entry stands in the log.
 * @throws CliError LOCK_HELD when another writer holds the log for two seconds
 */
export function appendLog(folder: string, entry: LogEntry, now: Date = new Date()): Promise<LogAppended> {
  return withFolderLock(join(folder, LOCK), () => {
    const day = join(folder, dayFileOf(now));
    const chain = join(folder, CHAIN_FILE);
    const plan = planAppend(entry, now, readOrEmpty(day), readOrEmpty(chain).toString("utf8"));
    const takeBack = appendDurably(day, plan.text);
    try {
      appendDurably(chain, plan.records);
    } catch (error) {
      takeBack();
      throw error;
    }
    return plan.appended;
  });
}

function readOrEmpty(file: string): Buffer {
  return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
}

/** Appends all of it or nothing, flushed. Answers how the file becomes what it was. */
function appendDurably(file: string, content: string | Buffer): () => void {
  const handle = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o644);
  try {
    const { size } = fstatSync(handle);
    try {
      writeFileSync(handle, content);
      fsyncSync(handle);
    } catch (error) {
      ftruncateSync(handle, size);
      throw error;
    }
    return () => truncateSync(file, size);
  } finally {
    closeSync(handle);
  }
}
