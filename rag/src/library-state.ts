import type { FileCollection, Oddity, SkippedFile } from "./corpus/document.ts";
import type { VectorFacts } from "./embedding/vector-facts.ts";

/** What is true now, read from disk on each call; nothing here is remembered from an earlier look. */
export interface LibraryState {
  readonly onDisk: number;
  readonly indexed: number;
  readonly chunks: number;
  /** Distinct terms of the word index. */
  readonly terms: number;
  readonly skipped: readonly SkippedFile[];
  /** Files that are searched although something about them is odd, by kind. */
  readonly oddities: Readonly<Record<Oddity, number>>;
  readonly lastSyncAt: string | null;
  /** `off`: nobody has said that the folders are watched. */
  readonly watcher: "alive" | "dead" | "off";
  /** Named degradations; empty means healthy. */
  readonly reasons: readonly Degradation[];
}

/**
 * What is not as it should be. `index_missing`: nothing can be searched. `index_stale`: the disk holds what the index does not.
 * `<collection>_unreadable`: the folder or file cannot be listed. `files_skipped`: GET /stats names them. `watcher_dead`: changes are found
 * by looking every few seconds. `index_recovered`: the index on disk was damaged and is not written anew yet. `index_not_kept`: it cannot
 * be written, so the next start begins from the files. `model_missing`, `model_unverified`: search is by words alone. `model_failing`: the model gave no
 * answer when it was asked last. `embed_backlog`: a passage has waited for its vector for more than a minute. `vectors_missing`: a passage has no vector
 * and waits for none. `vectors_not_kept`: vectors cannot be written, so the next start makes them again.
 */
export type Degradation =
  | "index_missing"
  | "index_stale"
  | `${FileCollection}_unreadable`
  | "files_skipped"
  | "watcher_dead"
  | "index_recovered"
  | "index_not_kept"
  | "model_missing"
  | "model_unverified"
  | "model_failing"
  | "embed_backlog"
  | "vectors_missing"
  | "vectors_not_kept";

/** 60 s: a model that makes a thousand vectors a second has no reason to keep a passage waiting that long. */
const LONGEST_WAIT_MS = 60_000;

/** What is wrong with the model and its vectors; null facts mean that no model is wanted. Pure. */
export function modelReasons(facts: VectorFacts | null, passages: number): readonly Degradation[] {
  if (facts === null) return [];
  const reasons: Degradation[] = [];
  if (facts.failure !== null) reasons.push("model_failing");
  if (facts.notKept !== null) reasons.push("vectors_not_kept");
  if (facts.state !== "verified") return [`model_${facts.state}`, ...reasons];
  if (facts.oldestPendingMs > LONGEST_WAIT_MS) reasons.push("embed_backlog");
  else if (facts.pending === 0 && facts.vectors < passages) reasons.push("vectors_missing");
  return reasons;
}
