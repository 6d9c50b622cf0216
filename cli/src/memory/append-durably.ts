import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** Puts a file back to what it was before an append; leaves it alone when somebody else has added to it since. */
export type TakeBack = () => void;

/**
 * Appends to a file and flushes it: all of it or, after an error, nothing. A full disk takes part of a text, and what the caller was refused must not be found
 * by the next append as if somebody had written it by hand.
 */
export function appendDurably(file: string, content: string | Uint8Array): TakeBack {
  const bytes = Buffer.from(content);
  const handle = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o644);
  let written = 0;
  try {
    const before = fstatSync(handle).size;
    try {
      while (written < bytes.length) written += writeSync(handle, bytes, written);
      fsyncSync(handle);
    } catch (error) {
      cutBack(handle, before, written);
      throw error;
    }
    return () => reopenAndCutBack(file, before, bytes.length);
  } finally {
    closeSync(handle);
  }
}

function reopenAndCutBack(file: string, before: number, written: number): void {
  const handle = openSync(file, constants.O_WRONLY);
  try {
    cutBack(handle, before, written);
  } finally {
    closeSync(handle);
  }
}

function cutBack(handle: number, before: number, written: number): void {
  if (fstatSync(handle).size !== before + written) return;
  ftruncateSync(handle, before);
  fsyncSync(handle);
}
