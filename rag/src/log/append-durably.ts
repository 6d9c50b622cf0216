import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Puts a file back to what it was before an append; leaves it alone when somebody else has added to it since. */
export type TakeBack = () => Promise<void>;

/**
 * Appends to a file and flushes it: all of it or, after an error, nothing. A full disk takes part of a text, and what the caller was refused must not be found
 * by the next append as if somebody had written it by hand.
 */
export async function appendDurably(file: string, content: string | Uint8Array): Promise<TakeBack> {
  const bytes = Buffer.from(content);
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o644);
  let written = 0;
  try {
    const { size: before } = await handle.stat();
    try {
      while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
      await handle.sync();
    } catch (error) {
      await cutBack(handle, before, written);
      throw error;
    }
    return () => reopenAndCutBack(file, before, bytes.length);
  } finally {
    await handle.close();
  }
}

async function reopenAndCutBack(file: string, before: number, written: number): Promise<void> {
  const handle = await open(file, constants.O_WRONLY);
  try {
    await cutBack(handle, before, written);
  } finally {
    await handle.close();
  }
}

async function cutBack(handle: FileHandle, before: number, written: number): Promise<void> {
  if ((await handle.stat()).size !== before + written) return;
  await handle.truncate(before);
  await handle.sync();
}
