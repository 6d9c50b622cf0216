import { createHash } from "node:crypto";
import { constants, readFile } from "node:fs/promises";
import type { Oddity, SkipReason, SourceDocument } from "./document.ts";
import { readFrontMatter } from "./front-matter.ts";
import type { ListedFile } from "./list-files.ts";

/** 1 MB: a memory or a day of log is a few KB; a larger file is a mistake that would fill every answer. */
export const MAX_FILE_BYTES = 1_000_000;

type ReadResult =
  | { readonly ok: true; readonly document: SourceDocument; readonly oddities: readonly Oddity[] }
  | { readonly ok: false; readonly reason: SkipReason };

/** Reads one listed file. A file that cannot be used says why; nothing is thrown for what a file may hold. */
export async function readListedFile(file: ListedFile): Promise<ReadResult> {
  if (!file.inside) return { ok: false, reason: "outside_folder" };
  if (file.sizeBytes > MAX_FILE_BYTES) return { ok: false, reason: "too_large" };
  let bytes: Buffer;
  try {
    // The resolved path has no link at its end: one that was put there after the listing is not followed.
    bytes = await readFile(file.realPath, { flag: constants.O_RDONLY | constants.O_NOFOLLOW });
  } catch {
    return { ok: false, reason: "unreadable" };
  }
  if (bytes.length > MAX_FILE_BYTES) return { ok: false, reason: "too_large" };
  return decodeDocument(file, bytes);
}

/** What the bytes of a file are as a document. Pure. */
export function decodeDocument(file: Pick<ListedFile, "collection" | "path">, bytes: Buffer): ReadResult {
  if (bytes.includes(0)) return { ok: false, reason: "binary" };
  const content = decodeUtf8(bytes);
  if (content === null) return { ok: false, reason: "not_utf8" };
  const { valid, value } = readFrontMatter(content);
  const oddities: Oddity[] = [];
  if (content.includes("\r\n")) oddities.push("crlf");
  if (content.startsWith("\uFEFF")) oddities.push("byte_order_mark");
  if (!valid) oddities.push("front_matter_invalid");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const { collection, path } = file;
  return { ok: true, document: { collection, path, content, sha256, meta: value }, oddities };
}

function decodeUtf8(bytes: Buffer): string | null {
  try {
    // ignoreBOM keeps a byte order mark in the text: a citation reproduces the file, not a cleaned copy.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
