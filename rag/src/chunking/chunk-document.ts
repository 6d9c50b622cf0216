import type { SourceDocument } from "../corpus/document.ts";
import type { Chunk } from "./chunk.ts";
import { chunkLog, chunkMarkdown, chunkWhole } from "./chunk-markdown.ts";

/** The chunks of a document, in order; a day of log is cut by entry, a row of the board not at all, everything else by heading. Pure. */
export function chunkDocument({
  collection,
  content,
}: Pick<SourceDocument, "collection" | "content">): readonly Chunk[] {
  if (collection === "board") return chunkWhole(content);
  return collection === "log" ? chunkLog(content) : chunkMarkdown(content);
}
