import { readFile } from "node:fs/promises";
import type { CorpusSnapshot, SkipReason, SourceDocument } from "./document.ts";
import { type ListedFile, listFiles, type Roots } from "./list-files.ts";

/** 1 MB: a memory or a day of log is a few KB; a larger file is a mistake that would fill every answer. */
const MAX_FILE_BYTES = 1_000_000;

/** Reads every Markdown file below the roots. A file it cannot use is listed in `skipped` with the reason. */
export async function readCorpus(roots: Roots): Promise<CorpusSnapshot> {
  const listing = await listFiles(roots);
  const documents: SourceDocument[] = [];
  const skipped: { path: string; reason: SkipReason }[] = [];
  for (const file of listing.files) {
    const content = await readContent(file);
    if (content.ok) documents.push({ collection: file.collection, path: file.path, content: content.text });
    else skipped.push({ path: file.path, reason: content.reason });
  }
  return { documents, skipped, unreadable: listing.unreadable, fingerprint: listing.fingerprint };
}

async function readContent(file: ListedFile): Promise<{ ok: true; text: string } | { ok: false; reason: SkipReason }> {
  if (!file.inside) return { ok: false, reason: "outside_folder" };
  if (file.sizeBytes > MAX_FILE_BYTES) return { ok: false, reason: "too_large" };
  let bytes: Buffer;
  try {
    bytes = await readFile(file.absolutePath);
  } catch {
    return { ok: false, reason: "unreadable" };
  }
  const text = decodeUtf8(bytes);
  return text === null ? { ok: false, reason: "not_utf8" } : { ok: true, text };
}

function decodeUtf8(bytes: Buffer): string | null {
  try {
    // ignoreBOM keeps a byte order mark in the text: a citation reproduces the file, not a cleaned copy.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
