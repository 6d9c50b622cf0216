import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { waitUntil } from "../host/wait.ts";

const LOCK_WAIT = { timeoutMs: 2_000, intervalMs: 10 } as const;

/**
 * Does work while a lock file is ours. The search service takes the same one: it writes the same files. The lock of a process that is gone is taken over; its
 * age never counts.
 * @throws CliError LOCK_HELD when another writer holds it for two seconds
 */
export async function withFolderLock<T>(lock: string, work: () => T): Promise<T> {
  if (!(await waitUntil(() => tryLock(lock), LOCK_WAIT))) {
    throw new CliError("LOCK_HELD", {
      message: `Another writer has held ${basename(dirname(lock))}/ for two seconds.`,
      hint: "Run the command again.",
    });
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** The name appears with the pid in it: a lock that is empty for a moment is nobody's, and stays so when its writer dies then. */
function tryLock(file: string): boolean {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(draft, String(process.pid), { flag: "wx", mode: 0o644 });
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    if (isAbandoned(file)) rmSync(file, { force: true });
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The search service may be another user's: a process that may not be signalled is alive. */
function isAbandoned(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    if (Number.isInteger(pid) && pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
