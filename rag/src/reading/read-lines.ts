import { RagError } from "../errors.ts";
import type { Library } from "../library.ts";

/** Lines of a document, verbatim, as they were indexed. */
export interface GivenLines {
  readonly path: string;
  readonly title: string;
  /** Hex digest of the whole file: what `if_match` of a later write wants. */
  readonly sha256: string;
  readonly tags: readonly string[];
  readonly superseded_by: string | null;
  readonly lines: { readonly start: number; readonly end: number; readonly total: number };
  readonly citation: string;
  readonly text: string;
}

/**
 * Lines `from` (counted from 1) to the end, or `lines` of them.
 * @throws RagError MUSTER_RAG_DOCUMENT_UNKNOWN when no such document is indexed, or it has fewer lines
 */
export function readLines(
  library: Library,
  { path, from = 1, lines }: { readonly path: string; readonly from?: number; readonly lines?: number },
): GivenLines {
  const document = library.document(path);
  if (document === null) throw new RagError("MUSTER_RAG_DOCUMENT_UNKNOWN", `No document "${path}" is indexed.`);
  const all = document.source.content.split("\n");
  const total = all.at(-1) === "" ? all.length - 1 : all.length;
  if (from > Math.max(1, total)) {
    throw new RagError("MUSTER_RAG_DOCUMENT_UNKNOWN", `"${path}" has ${total} lines, so none at ${from}.`);
  }
  const end = Math.min(total, from - 1 + (lines ?? total));
  return {
    path,
    title: document.title,
    sha256: document.source.sha256,
    tags: document.source.meta.tags,
    superseded_by: library.successorOf(path),
    lines: { start: from, end, total },
    citation: `${path}#L${from}-L${end}`,
    text: all.slice(from - 1, end).join("\n"),
  };
}
