import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, statfsSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A file system of its own that can be filled to the brim. */
export interface SmallDisk {
  /** Fills it and leaves at most `leave` bytes. */
  fill(leave: number): void;
  /** Takes the filling away. */
  free(): void;
  /** Gives it `bytes` in all from now on. */
  resize(bytes: number): void;
  /** Takes from it whatever is free, but for about `leave` bytes, at no cost of memory; `resize` gives it back. */
  tighten(leave: number): void;
  unmount(): void;
}

const BLOCK = 65_536;
/** What others write in between makes a size too small, which the kernel refuses. */
const TIGHTEN_TRIES = 50;

/** Mounts one over a folder that exists and is empty; null where this machine lets nobody mount: root alone may, and not in every container. */
export function mountSmallDisk(folder: string, bytes: number): SmallDisk | null {
  if (process.getuid?.() !== 0) return null;
  try {
    execFileSync("/bin/mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder], { stdio: "pipe" });
  } catch {
    return null;
  }
  // A name that no part of the product looks at.
  const ballast = join(folder, ".ballast");
  const resize = (most: number) =>
    void execFileSync("/bin/mount", ["-o", `remount,size=${most}`, folder], { stdio: "pipe" });
  return {
    fill(leave) {
      const file = openSync(ballast, "a");
      try {
        while (writeSync(file, Buffer.alloc(BLOCK)) > 0);
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
      } finally {
        closeSync(file);
      }
      truncateSync(ballast, Math.max(0, statSync(ballast).size - leave));
    },
    free: () => rmSync(ballast, { force: true }),
    resize,
    tighten(leave) {
      for (let left = TIGHTEN_TRIES; ; left -= 1) {
        const { blocks, bfree, bsize } = statfsSync(folder);
        try {
          return resize((blocks - bfree) * bsize + leave);
        } catch (error) {
          if (left === 0) throw error;
        }
      }
    },
    unmount: () => void execFileSync("/bin/umount", ["-l", folder]),
  };
}
