import { type FSWatcher, statSync, watch } from "node:fs";
import path from "node:path";

/** A burst of writes is one change: what a save, a checkout or a copy touches within this time is read together. */
const QUIET_MS = 150;
/** Even under steady writing a change is read after this long. */
const LONGEST_WAIT_MS = 1_000;

export interface FolderWatch {
  /** False once the watch has died, or a folder is no longer the one that is watched. */
  readonly alive: boolean;
  close(): void;
}

/**
 * Calls `changed` soon after anything below the folders changed, or one of the files among them. A watch that cannot be had, or dies, leaves `alive` false: the caller
 * must look by itself, and open a new one.
 */
export function watchFolders(places: readonly string[], changed: () => void, died: () => void): FolderWatch {
  let alive = true;
  let timer: NodeJS.Timeout | null = null;
  let waitingSinceMs = 0;
  const watchers: FSWatcher[] = [];
  const close = (): void => {
    if (timer !== null) clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
  const fail = (): void => {
    if (!alive) return;
    alive = false;
    close();
    died();
  };
  const fire = (): void => {
    timer = null;
    changed();
  };
  const note = (): void => {
    const nowMs = performance.now();
    if (timer === null) waitingSinceMs = nowMs;
    else clearTimeout(timer);
    timer = setTimeout(fire, Math.min(QUIET_MS, Math.max(0, waitingSinceMs + LONGEST_WAIT_MS - nowMs)));
  };
  const watched = new Map<string, number>();
  for (const place of places) {
    try {
      // A recursive watch of a folder that is absent does not fail: it sees nothing.
      const isFolder = statSync(place).isDirectory();
      // A file that is replaced is another file: its folder is watched for its name.
      const folder = isFolder ? place : path.dirname(place);
      const isMeant = (name: string | null): boolean => isFolder || name === null || name === path.basename(place);
      watched.set(folder, statSync(folder).ino);
      const watcher = watch(folder, { recursive: isFolder, persistent: false }, (_event, name) => {
        if (isMeant(name)) note();
      });
      watcher.on("error", fail);
      watchers.push(watcher);
    } catch {
      // No such folder, or no watches left on this machine: the caller is told and looks by itself.
      queueMicrotask(fail);
    }
  }
  return {
    get alive() {
      return alive && [...watched].every(([folder, inode]) => inode === inodeOf(folder));
    },
    close() {
      alive = false;
      close();
    },
  };
}

function inodeOf(folder: string): number | null {
  return statSync(folder, { throwIfNoEntry: false })?.ino ?? null;
}
