import { readFileSync } from "node:fs";
import { groupByRoot } from "./process-table.ts";

/** Memory of some processes together, in bytes. */
export interface MemoryUse {
  readonly processes: number;
  /** A page that several of them share counts once for each: of Postgres's backends its whole shared memory, again and again. */
  readonly rssBytes: number;
  /** A page that n processes of the machine share counts as its nth part for each: sums of it are true. */
  readonly pssBytes: number;
}

/**
 * What the process tree of each root takes now; who is below two roots counts for the nearer one. Null where the kernel does not let us look,
 * as it does for another user's process.
 */
export function memoryByRoot(roots: readonly number[]): ReadonlyMap<number, MemoryUse | null> {
  return new Map([...groupByRoot(roots)].map(([root, processes]) => [root, sumOf(processes.map(({ pid }) => pid))]));
}

function sumOf(pids: readonly number[]): MemoryUse | null {
  let sum: MemoryUse = { processes: 0, rssBytes: 0, pssBytes: 0 };
  for (const pid of pids) {
    const text = readRollup(pid);
    if (text === null) return null;
    const { rssBytes, pssBytes } = parseRollup(text);
    // Without memory of its own it ended while we looked.
    if (rssBytes === 0) continue;
    sum = {
      processes: sum.processes + 1,
      rssBytes: sum.rssBytes + rssBytes,
      pssBytes: sum.pssBytes + pssBytes,
    };
  }
  return sum;
}

/** Null when it may not be read; empty when the process is gone. */
function readRollup(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    return code === "ENOENT" || code === "ESRCH" ? "" : null;
  }
}

/** The two sums of a /proc/<pid>/smaps_rollup; 0 where it names none. */
export function parseRollup(text: string): Pick<MemoryUse, "rssBytes" | "pssBytes"> {
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * 1024;
  return { rssBytes: bytes("Rss"), pssBytes: bytes("Pss") };
}
