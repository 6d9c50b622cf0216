import { randomBytes } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { RagError } from "../errors.ts";
import { asDiskRefusal } from "./replace-file.ts";

const LOCK_TRIES = 200;
const LOCK_WAIT_MS = 10;

const queues = new Map<string, Promise<unknown>>();

/** One after the other, in the order of their calls, whatever comes of the one before: for each folder one piece of work of this process at a time. */
export function inTurn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const mine = (queues.get(folder) ?? Promise.resolve()).then(work, work);
  queues.set(folder, mine);
  const leave = (): void => {
    if (queues.get(folder) === mine) queues.delete(folder);
  };
  mine.then(leave, leave);
  return mine;
}

/**
 * Does work while a lock file is ours. The CLI takes the same one: it writes the same files. The lock of a process that is gone is taken over; its age never
 * counts.
 * @throws RagError MUSTER_RAG_READ_ONLY; MUSTER_RAG_DISK_FULL; MUSTER_RAG_BUSY when another process holds it for two seconds
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await takeLock(file);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function takeLock(file: string): Promise<void> {
  for (let left = LOCK_TRIES; left > 0; left--) {
    if (await tryLock(file)) return;
    if (await isAbandoned(file)) await rm(file, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS));
  }
  const holds = path.basename(path.dirname(file));
  throw new RagError("MUSTER_RAG_BUSY", `Another writer has held ${holds}/ for two seconds.`);
}

/** The name appears with the pid in it: a lock that is empty for a moment is nobody's, and stays so when its writer dies then. */
async function tryLock(file: string): Promise<boolean> {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(draft, String(process.pid), { flag: "wx", mode: 0o644 });
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw asDiskRefusal(error);
  } finally {
    await rm(draft, { force: true });
  }
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
