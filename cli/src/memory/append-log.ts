import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CHAIN_FILE, dayFileOf, type LogAppended, type LogEntry, planAppend } from "@muster/board/log-chain";
import { withFolderLock } from "../state/folder-lock.ts";
import { appendDurably } from "./append-durably.ts";

const LOCK = ".append.lock";

/**
 * Appends an entry to the day's file and chains it, as the board's plan of an append says: both or, after an error, neither.
 * @throws CliError LOCK_HELD when another writer holds the log for two seconds
 */
export function appendLog(folder: string, entry: LogEntry, now: Date = new Date()): Promise<LogAppended> {
  return withFolderLock(join(folder, LOCK), () => append(folder, entry, now));
}

/** The same for an entry that depends on what the log says. `make` reads it while nobody else writes; it answers null when nothing is to be said. */
export function appendLogIf(folder: string, make: () => LogEntry | null): Promise<LogAppended | null> {
  return withFolderLock(join(folder, LOCK), () => {
    const entry = make();
    return entry === null ? null : append(folder, entry, new Date());
  });
}

function append(folder: string, entry: LogEntry, now: Date): LogAppended {
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
}

function readOrEmpty(file: string): Buffer {
  return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
}
