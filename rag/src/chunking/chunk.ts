/** A searchable piece of a document: whole lines, verbatim. */
export interface Chunk {
  /** First and last line, counted from 1, both included. */
  readonly lineStart: number;
  readonly lineEnd: number;
  /** The lines as they stand in the file, joined by "\n", without the last line's own "\n". */
  readonly text: string;
  /** Headings above the chunk, outermost first, its own heading last. */
  readonly headings: readonly string[];
}

/** 1,600 characters: about 250 words, one screen of a terminal; a longer section is cut at a blank line. */
export const MAX_CHUNK_CHARS = 1_600;

/** A code block or table is kept whole up to here, ten screens; a longer one is data, and is cut between lines. */
export const MAX_WHOLE_BLOCK_CHARS = 16_000;

/** Changes whenever the same file would be cut differently: an index made by another version is not used. */
export const CHUNKER_VERSION = 2;
