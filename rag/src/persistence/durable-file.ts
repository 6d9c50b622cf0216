import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Writes a new file and flushes it. The folder is flushed by whoever makes the file count. */
export function writeDurably(file: string, content: string | Uint8Array): void {
  const handle = openSync(file, "w", 0o600);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Replaces a small file as a whole: a crash leaves the old content or the new. */
export function swapDurably(file: string, content: string): void {
  const draft = `${file}.tmp`;
  writeDurably(draft, content);
  renameSync(draft, file);
  flushFolder(path.dirname(file));
}

export function flushFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
