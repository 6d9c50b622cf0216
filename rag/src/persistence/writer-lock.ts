import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Another living process writes this data folder. */
export class DataFolderHeld extends Error {}

/**
 * Takes the only writer's place in a data folder. The lock of a process that is gone, or of an earlier boot, is taken over; its age
 * never counts. Answers the release.
 * @throws DataFolderHeld naming the holder's pid
 */
export function takeWriterLock(folder: string, bootId: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, "lock");
  const mine = JSON.stringify({ pid: process.pid, ticks: startTicks(process.pid), boot: bootId });
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = openSync(file, "wx", 0o600);
      writeFileSync(handle, mine);
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST") || attempt > 0) throw error;
      const holder = readHolder(file);
      if (
        holder !== null &&
        holder.boot === bootId &&
        startTicks(holder.pid) === holder.ticks &&
        holder.ticks !== null
      ) {
        throw new DataFolderHeld(`Process ${holder.pid} writes this data folder.`);
      }
      rmSync(file, { force: true });
    }
  }
}

function readHolder(
  file: string,
): { readonly pid: number; readonly ticks: string | null; readonly boot: string } | null {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // A lock that was never written whole belongs to a process that died doing so.
    return null;
  }
}

/** When a process started, in clock ticks since boot: with the pid it names one process and no later one. null when it is gone. */
function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    // No such process, or a system without /proc.
    return null;
  }
}
