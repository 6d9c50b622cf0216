import type { FrontMatter } from "./front-matter.ts";

/** Collections of files. `constitution` is one file; the others are folders. */
export const FILE_COLLECTIONS = ["memory", "log", "docs", "constitution"] as const;
export type FileCollection = (typeof FILE_COLLECTIONS)[number];

/** Everything that is searched: files, and the rows of the board. */
export const COLLECTIONS = [...FILE_COLLECTIONS, "board"] as const;
export type Collection = (typeof COLLECTIONS)[number];

export function isFileCollection(collection: Collection): collection is FileCollection {
  return collection !== "board";
}

/** One Markdown file as read from disk, or one row of the board as text. */
export interface SourceDocument {
  readonly collection: Collection;
  /** Collection and path inside it, with forward slashes: `memory/embedded-postgres.md`, `CLAUDE.md`, `board/tasks/42`. */
  readonly path: string;
  /** What is cited instead of lines, because the text is no file: `board:os_tasks/<id>` stands for the whole of it. */
  readonly cite?: string;
  /** The whole file, unchanged: a citation must reproduce it. */
  readonly content: string;
  /** Hex digest of the file's bytes. */
  readonly sha256: string;
  readonly meta: FrontMatter;
}

/** Why a Markdown file is not searched. Counted in `GET /stats`. */
export const SKIP_REASONS = ["too_large", "binary", "not_utf8", "outside_folder", "unreadable"] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface SkippedFile {
  readonly path: string;
  readonly reason: SkipReason;
}

/** Oddities that are searched all the same: the text is kept as it is, and `GET /stats` counts them. */
export type Oddity = "crlf" | "byte_order_mark" | "front_matter_invalid";

export const NO_ODDITIES: Readonly<Record<Oddity, number>> = { crlf: 0, byte_order_mark: 0, front_matter_invalid: 0 };
