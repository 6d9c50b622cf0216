import { readFileSync, statfsSync } from "node:fs";

/** A file system in memory, on every Linux: making and dropping a database of a test takes a tenth of the work that it takes on a disk. */
const IN_MEMORY = "/dev/shm";
/** Two stacks, each on a checkout with its packages (1 GB), a third one of a file's own, and as much again. */
const PLACE_BYTES = 8 * 1024 ** 3;
/** The same, and what two stacks, a browser and a build want beside it. */
const MEMORY_BYTES = PLACE_BYTES + 4 * 1024 ** 3;

/** What is known of a machine. */
export interface Machine {
  /** The text of /proc/mounts. */
  readonly mounts: string;
  /** Free in the file system in memory. */
  readonly placeBytes: number;
  /** What a process may still take, limits of its container counted. */
  readonly memoryBytes: number;
}

/** Lets this process, and whatever it starts, make temporary folders in memory where that is large enough; a TMPDIR that is set stays. */
export function workInMemory(): void {
  const place = placeInMemory(thisMachine());
  if (place !== null) process.env["TMPDIR"] ??= place;
}

/** The file system in memory when it is large enough for all temporary folders and programs run there, else null. */
export function placeInMemory({ mounts, placeBytes, memoryBytes }: Machine): string | null {
  const [, , type, options = ""] =
    mounts
      .split("\n")
      .map((line) => line.split(" "))
      .findLast(([, place]) => place === IN_MEMORY) ?? [];
  const flags = options.split(",");
  const isUsable = type === "tmpfs" && flags.includes("rw") && !flags.includes("noexec");
  return isUsable && placeBytes >= PLACE_BYTES && memoryBytes >= MEMORY_BYTES ? IN_MEMORY : null;
}

function thisMachine(): Machine {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    const mounts = readFileSync("/proc/mounts", "utf8");
    return { mounts, placeBytes: bavail * bsize, memoryBytes: process.availableMemory() };
  } catch {
    // No Linux, or a container without one.
    return { mounts: "", placeBytes: 0, memoryBytes: 0 };
  }
}
