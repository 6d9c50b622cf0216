import MiniSearch from "minisearch";
import type { Chunk } from "./chunking/chunk.ts";
import { chunkDocument } from "./chunking/chunk-document.ts";
import type { Collection, SourceDocument } from "./corpus/document.ts";
import { tokenize } from "./tokenize.ts";

/** One passage of an answer. `text` is, byte for byte, the cited lines of the file. */
export interface Hit {
  readonly path: string;
  readonly collection: Collection;
  readonly headings: readonly string[];
  readonly lines: { readonly start: number; readonly end: number };
  /** `memory/embedded-postgres.md#L3-L9` */
  readonly citation: string;
  readonly text: string;
  /** BM25 score: comparable inside one answer only. */
  readonly score: number;
}

export interface LexicalIndex {
  readonly documents: number;
  readonly chunks: number;
  /** Best first; equal scores are ordered by citation, so the same question always gives the same answer. */
  search(query: string, limit: number): readonly Hit[];
}

interface Entry extends Chunk {
  readonly id: string;
  readonly path: string;
  readonly collection: Collection;
}

/** Builds a BM25 index over the headings, path and text of every chunk. The result never changes. */
export function buildLexicalIndex(
  documents: readonly Pick<SourceDocument, "collection" | "path" | "content">[],
): LexicalIndex {
  const entries = new Map<string, Entry>();
  for (const document of documents) {
    for (const chunk of chunkDocument(document)) {
      const id = `${document.path}#L${chunk.lineStart}-L${chunk.lineEnd}`;
      entries.set(id, { ...chunk, id, path: document.path, collection: document.collection });
    }
  }
  const engine = new MiniSearch<Entry>({
    fields: ["headings", "path", "text"],
    extractField: (entry, field) => {
      if (field === "headings") return entry.headings.join("\n");
      if (field === "id") return entry.id;
      return field === "path" ? entry.path : entry.text;
    },
    tokenize,
    // A heading says what a passage is about, so a match there counts twice; a prefix match is a weak hint.
    searchOptions: {
      boost: { headings: 2, path: 1.5 },
      prefix: (term) => term.length >= 4,
      weights: { fuzzy: 0, prefix: 0.3 },
    },
  });
  engine.addAll([...entries.values()]);
  return {
    documents: documents.length,
    chunks: entries.size,
    search: (query, limit) =>
      engine
        .search(query)
        .flatMap((result) => toHit(entries.get(String(result.id)), result.score))
        .sort((a, b) => b.score - a.score || (a.citation < b.citation ? -1 : 1))
        .slice(0, limit),
  };
}

function toHit(entry: Entry | undefined, score: number): Hit[] {
  if (entry === undefined) return [];
  return [
    {
      path: entry.path,
      collection: entry.collection,
      headings: entry.headings,
      lines: { start: entry.lineStart, end: entry.lineEnd },
      citation: entry.id,
      text: entry.text,
      score: Math.round(score * 1_000) / 1_000,
    },
  ];
}
