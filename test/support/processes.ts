/** What a test must not leave behind, and a deadline instead of a sleep. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { findProcess, listPids, type ProcessInfo } from "../../cli/src/host/process-table.ts";
import { listenersOn } from "../../cli/src/host/sockets.ts";
import { waitFor } from "../../cli/src/host/wait.ts";

/** Live processes that have anything to do with the folder: in their arguments, environment or working directory. */
export function processesOf(folder: string): readonly ProcessInfo[] {
  return listPids()
    .filter((pid) => pid !== process.pid && mentions(pid, folder))
    .map(findProcess)
    .filter((info) => info !== null);
}

function mentions(pid: number, folder: string): boolean {
  const looks = [
    () => readFileSync(`/proc/${pid}/cmdline`, "utf8"),
    () => readFileSync(`/proc/${pid}/environ`, "utf8"),
    () => readlinkSync(`/proc/${pid}/cwd`),
  ];
  return looks.some((look) => {
    try {
      return look().includes(folder);
    } catch {
      // Gone, or another user's: only root sees every process.
      return false;
    }
  });
}

/** Pids that listen on one of the ports, 0 for a process that this user may not look at. */
export function holdersOf(ports: readonly number[]): readonly number[] {
  return ports.flatMap((port) => listenersOn(port).map(({ owners }) => owners[0]?.pid ?? 0));
}

/** Digest of names, modes, sizes, times and contents below a folder; "" when it does not exist. */
export function treeDigest(folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return "";
  const hash = createHash("sha256");
  const visit = (path: string) => {
    const { mode, mtimeMs, size } = statSync(path);
    hash.update(`${path} ${mode} ${mtimeMs} ${size}\n`);
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) visit(child);
      else if (entry.isFile()) hash.update(`${child}\n`).update(readFileSync(child));
      else hash.update(`${child} special\n`);
    }
  };
  visit(folder);
  return hash.digest("hex");
}

/** Waits until `ask` gives anything but null, undefined or false. @throws Error naming what did not come */
export async function eventually<T>(
  what: string,
  ask: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  timeoutMs = 10_000,
): Promise<T> {
  const answer = await waitFor(
    async () => {
      const value = await ask();
      return value === null || value === undefined || value === false ? null : { value };
    },
    { timeoutMs, intervalMs: 25 },
  );
  if (answer === null) throw new Error(`Not within ${timeoutMs} ms: ${what}.`);
  return answer.value;
}
