import type { FrontMatter } from "./front-matter.ts";

/** The folders that are searched. The name is the first part of every path and citation. */
export const COLLECTIONS = ["memory", "log"] as const;
export type Collection = (typeof COLLECTIONS)[number];

/** One Markdown file as read from disk. */
export interface SourceDocument {
  readonly collection: Collection;
  /** Collection and path inside it, with forward slashes: `memory/embedded-postgres.md`. */
  readonly path: string;
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
