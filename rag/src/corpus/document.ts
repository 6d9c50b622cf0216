/** The folders that are searched. The name is the first part of every path and citation. */
export type Collection = "memory" | "log";

/** One Markdown file as read from disk. */
export interface SourceDocument {
  readonly collection: Collection;
  /** Collection and path inside it, with forward slashes: `memory/embedded-postgres.md`. */
  readonly path: string;
  /** The whole file, unchanged: a citation must reproduce it. */
  readonly content: string;
}

/** Why a Markdown file is not searched. Counted in `GET /stats`. */
export type SkipReason = "too_large" | "not_utf8" | "outside_folder" | "unreadable";

export interface CorpusSnapshot {
  readonly documents: readonly SourceDocument[];
  readonly skipped: readonly { readonly path: string; readonly reason: SkipReason }[];
  /** Collections whose folder could not be listed: absent, or not readable for this user. */
  readonly unreadable: readonly Collection[];
  /** Changes whenever a file is added, removed, resized or touched. */
  readonly fingerprint: string;
}
