import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { RagError } from "../errors.ts";

/**
 * Puts a whole file in place: written beside it, flushed, renamed, and the folder flushed. A reader, and a crash at any moment, sees
 * the old text or the new one. `check` runs last, when only the rename is left: what it throws leaves the old text.
 * @throws RagError MUSTER_RAG_READ_ONLY when the service may not write there; MUSTER_RAG_DISK_FULL when there is no room
 */
export async function replaceFile(file: string, text: string, check: () => Promise<void>): Promise<void> {
  const draft = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await open(draft, "wx", 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await check();
    await rename(draft, file);
    await flushFolder(path.dirname(file));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw asDiskRefusal(error);
  }
}

export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A refusal with a code for what a service user without write permission, or with a full disk, meets; any other error as it is. */
export function asDiskRefusal(error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (["EACCES", "EROFS", "EPERM"].includes(code))
    return new RagError("MUSTER_RAG_READ_ONLY", "The service may not write to this folder.");
  if (["ENOSPC", "EDQUOT"].includes(code))
    return new RagError("MUSTER_RAG_DISK_FULL", "The disk that holds this folder has no room left.");
  return error;
}
