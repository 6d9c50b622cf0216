import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Replaces a file as a whole: a crash leaves the old content or the new, never a mixture. The mode is set before
 * the content is written, so that a secret is never readable for a moment.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode: number): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, "w", mode);
  try {
    fchmodSync(file, mode);
    // Not writeSync: it may write less than all on a full disk, and say so only by a number.
    writeFileSync(file, content);
    fsyncSync(file);
  } catch (error) {
    // On a full disk the half file would keep the room that is missing.
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Makes a rename in the folder last: until then a power cut may undo it. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
