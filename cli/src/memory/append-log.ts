import { closeSync, constants, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHAIN_FILE, dayFileOf, type LogAppended, type LogEntry, planAppend } from "@muster/board/log-chain";
import { CliError } from "../errors/cli-error.ts";
import { waitUntil } from "../host/wait.ts";

const LOCK = ".append.lock";
const LOCK_WAIT = { timeoutMs: 2_000, intervalMs: 10 } as const;

/**
 * Appends an entry to the day's file and chains it, as the board's plan of an append says.
 * @throws CliError LOCK_HELD when another writer holds the log for two seconds
 */
export async function appendLog(folder: string, entry: LogEntry, now: Date = new Date()): Promise<LogAppended> {
  const lock = join(folder, LOCK);
  if (!(await waitUntil(() => tryLock(lock), LOCK_WAIT))) {
    throw new CliError("LOCK_HELD", {
      message: "Another writer has held the log for two seconds.",
      hint: "Run the command again.",
    });
  }
  try {
    const day = join(folder, dayFileOf(now));
    const chain = join(folder, CHAIN_FILE);
    const plan = planAppend(entry, now, readOrEmpty(day), readOrEmpty(chain).toString("utf8"));
    appendDurably(day, plan.text);
    appendDurably(chain, plan.records);
    return plan.appended;
  } finally {
    rmSync(lock, { force: true });
  }
}

function readOrEmpty(file: string): Buffer {
  return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
}

function appendDurably(file: string, content: string | Buffer): void {
  const handle = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o644);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function tryLock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx", mode: 0o644 });
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    if (isAbandoned(file)) rmSync(file, { force: true });
    return false;
  }
}

/** The search service locks in the same way, also from another user: a process that may not be signalled is alive. */
function isAbandoned(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    if (Number.isInteger(pid) && pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
