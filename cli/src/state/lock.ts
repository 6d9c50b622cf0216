import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import { isAlive, nameProcess, processNameSchema } from "../host/process-table.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

const holderSchema = processNameSchema.extend({
  command: z.string(),
  at: z.iso.datetime(),
});

export type LockHolder = z.infer<typeof holderSchema>;

export interface LockOptions {
  readonly path: string;
  readonly command: string;
}

/** 5 s: the guard is held for a few file operations only; longer means that a machine stands still. */
const GUARD_DEADLINE_MS = 5_000;
const GUARD_RETRY_MS = 20;

/**
 * Holds the state folder for one writing command while `work` runs. A lock is stale only when its process is gone
 * (pid, start time and boot id), never by age.
 * @throws CliError LOCK_HELD with the holder's pid, command and start.
 */
export async function withLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  await withGuard(options.path, () => take(options));
  try {
    return await work();
  } finally {
    await withGuard(options.path, () => {
      if (findHolder(options.path)?.pid === process.pid) rmSync(options.path, { force: true });
    });
  }
}

/** Who holds the lock now; null when nobody or when the file is not a lock. */
export function findHolder(path: string): LockHolder | null {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // Absent, torn or foreign: nobody can prove that they hold it.
    return null;
  }
}

function take(options: LockOptions): void {
  const holder = findHolder(options.path);
  if (holder !== null && isAlive(holder)) {
    throw new CliError("LOCK_HELD", {
      message: `\`elk-os ${holder.command}\` (pid ${holder.pid}, since ${holder.at}) is at work on this state folder.`,
      hint: "Wait for it to end, or stop that process; then run the command again.",
      facts: { ...holder },
    });
  }
  const self = nameProcess(process.pid);
  if (self === null) throw new Error("/proc does not list this process.");
  const mine: LockHolder = { ...self, command: options.command, at: new Date().toISOString() };
  writeFileAtomic(options.path, `${JSON.stringify(mine)}\n`, 0o600);
}

/**
 * Two commands that find the same stale lock must not both take it. The look and the write are therefore done
 * under an abstract Unix socket, which the kernel gives to one process and frees when that process dies.
 */
async function withGuard(path: string, work: () => void): Promise<void> {
  const name = `\0elk-os-lock-${createHash("sha256").update(path).digest("hex").slice(0, 32)}`;
  const deadline = Date.now() + GUARD_DEADLINE_MS;
  let guard = await listen(name);
  while (guard === null) {
    if (Date.now() > deadline) {
      throw new CliError("LOCK_HELD", {
        message: "Another elk-os has been taking the lock for 5 s.",
        hint: "Run the command again.",
      });
    }
    await delay(GUARD_RETRY_MS);
    guard = await listen(name);
  }
  try {
    work();
  } finally {
    await new Promise((resolve) => guard.close(resolve));
  }
}

function listen(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(null) : reject(error),
    );
    server.listen(name, () => resolve(server));
  });
}
