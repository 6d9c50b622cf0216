import path from "node:path/posix";
import type { Chunk } from "../chunking/chunk.ts";
import type { SourceDocument } from "../corpus/document.ts";
import type { ChunkTerms } from "../lexical/lexical-index.ts";
import { analyze } from "../text/analyze.ts";

/** A document as the index holds it. */
export interface IndexedDocument {
  readonly source: SourceDocument;
  readonly title: string;
  readonly passages: readonly Passage[];
}

/** A chunk in the index. Its text is cut from the document when it is asked for: it is held only once. */
export interface Passage {
  readonly slot: number;
  readonly document: IndexedDocument;
  readonly lineStart: number;
  readonly lineEnd: number;
  readonly headings: readonly string[];
  /** Place of the text in the document, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds since 1970; null when neither the text nor the name says when. */
  readonly atMs: number | null;
}

export function textOf({ document, from, to }: Passage): string {
  return document.source.content.slice(from, to);
}

/** `memory/embedded-postgres.md#L3-L9`: these lines of the file are the text. `board:os_tasks/<id>`: the text of that row. */
export function citationOf({ document, lineStart, lineEnd }: Passage): string {
  return document.source.cite ?? `${document.source.path}#L${lineStart}-L${lineEnd}`;
}

/** Title and headings above a passage, outermost first, each once. */
export function breadcrumbOf(title: string, headings: readonly string[]): readonly string[] {
  return headings[0] === title ? headings : [title, ...headings];
}

/** What the lexical index is given of a passage. Pure: taking it out again needs the same answer. */
export function termsOf(source: SourceDocument, title: string, headings: readonly string[], text: string): ChunkTerms {
  return {
    head: breadcrumbOf(title, headings).flatMap(analyze),
    meta: [source.path.replace(/\.md$/, ""), source.cite ?? "", ...source.meta.tags].flatMap(analyze),
    body: analyze(text),
  };
}

/** The title that the document gives itself, or its first heading, or its name. */
export function titleOf(source: SourceDocument, chunks: readonly Chunk[]): string {
  return source.meta.title ?? chunks[0]?.headings[0] ?? path.basename(source.path, ".md");
}

/** When a passage happened: front matter, or the day in the file's name with the time in its heading. */
export function momentOf(source: SourceDocument, headings: readonly string[]): number | null {
  if (source.meta.atMs !== null) return source.meta.atMs;
  const day = /(\d{4}-\d{2}-\d{2})/.exec(path.basename(source.path))?.[1];
  if (day === undefined) return null;
  const time = /^(\d{2}:\d{2})\b/.exec(headings[1] ?? "")?.[1] ?? "00:00";
  const at = Date.parse(`${day}T${time}:00Z`);
  return Number.isNaN(at) ? null : at;
}
