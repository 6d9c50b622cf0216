import { isFileCollection } from "../corpus/document.ts";
import type { IndexedDocument } from "../engine/passage.ts";
import { RagError } from "../errors.ts";
import type { Readable } from "./find-passages.ts";

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
 * Lines `from` (counted from 1) to the end, or `lines` of them. A row of the board is named by its path or its citation.
 * @throws RagError MUSTER_RAG_DOCUMENT_UNKNOWN when no such document is indexed or may be seen, or it has fewer lines;
 *   MUSTER_RAG_SOURCE_AWAY when its source cannot say whether it may be seen
 */
export async function readLines(
  { library, sources = [] }: Readable,
  { path: name, from = 1, lines }: { readonly path: string; readonly from?: number; readonly lines?: number },
): Promise<GivenLines> {
  const document = library.document(name) ?? (name.startsWith("board:") ? findCited(library, name) : null);
  if (document === null || !(await isShown(sources, document))) {
    throw new RagError("MUSTER_RAG_DOCUMENT_UNKNOWN", `No document "${name}" is indexed.`);
  }
  const { path } = document.source;
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
    citation: document.source.cite ?? `${path}#L${from}-L${end}`,
    text: all.slice(from - 1, end).join("\n"),
  };
}

function findCited(library: Readable["library"], cite: string): IndexedDocument | null {
  return library.documentsOf("board").find(({ source }) => source.cite === cite) ?? null;
}

async function isShown(sources: NonNullable<Readable["sources"]>, { source }: IndexedDocument): Promise<boolean> {
  const owner = sources.find((one) => one.status().name === source.collection);
  if (owner === undefined) return isFileCollection(source.collection);
  const seen = await owner.visible([source.path]);
  if (seen === null) {
    const message = `Whether "${source.path}" may be seen cannot be asked now: the ${source.collection} does not answer.`;
    throw new RagError("MUSTER_RAG_SOURCE_AWAY", message);
  }
  return seen.has(source.path);
}
