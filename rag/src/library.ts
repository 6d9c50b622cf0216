import { NO_ODDITIES, type Oddity, type SkippedFile } from "./corpus/document.ts";
import { type FileListing, type ListedFile, listFiles, type Roots } from "./corpus/list-files.ts";
import { readListedFile } from "./corpus/read-file.ts";
import type { Hit } from "./engine/hit.ts";
import type { IndexedDocument } from "./engine/passage.ts";
import { PassageStore } from "./engine/passage-store.ts";
import { type SearchRequest, search } from "./engine/search.ts";

export interface SyncResult {
  /** False when nothing on disk had changed: the index was left as it is. */
  readonly changed: boolean;
  readonly documents: number;
  readonly chunks: number;
  readonly skipped: number;
  readonly tookMs: number;
}

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
  /** Named degradations; empty means healthy. */
  readonly reasons: readonly Degradation[];
}

export type Degradation = "index_missing" | "index_stale" | "memory_unreadable" | "log_unreadable" | "files_skipped";

/** The files that are the truth, and the index derived from them. */
export interface Library {
  /** Reads the files that changed and takes them in. Calls that overlap share one run. Idempotent. */
  sync(): Promise<SyncResult>;
  /** null when no index has been built yet. */
  search(request: SearchRequest): readonly Hit[] | null;
  /** The document with this path; null when it is not indexed. */
  document(path: string): IndexedDocument | null;
  /** Path of the document that replaced this one; null when it still holds. */
  successorOf(path: string): string | null;
  state(): Promise<LibraryState>;
}

/** A listed file with what reading it gave. */
interface KnownFile {
  readonly stamp: string;
  readonly skipped: SkippedFile | null;
  readonly oddities: readonly Oddity[];
}

/** Files that are read before other work gets its turn: a first index of thousands must not hold up a search. */
const FILES_PER_TURN = 16;

/** Opens the library without reading anything; the caller decides when to sync. */
export function openLibrary(roots: Roots): Library {
  let store = new PassageStore();
  const known = new Map<string, KnownFile>();
  let fingerprint: string | null = null;
  let lastSyncAt: string | null = null;
  let running: Promise<SyncResult> | null = null;

  const readFile = async (file: ListedFile): Promise<void> => {
    const result = await readListedFile(file);
    const skipped = result.ok ? null : { path: file.path, reason: result.reason };
    known.set(file.path, { stamp: stampOf(file), skipped, oddities: result.ok ? result.oddities : [] });
    if (!result.ok) store.remove(file.path);
    else if (store.get(file.path)?.source.sha256 !== result.document.sha256) store.put(result.document);
  };

  const takeIn = async (listing: FileListing): Promise<void> => {
    const listed = new Set(listing.files.map(({ path }) => path));
    for (const path of [...known.keys()].filter((one) => !listed.has(one))) {
      known.delete(path);
      store.remove(path);
    }
    const changed = listing.files.filter((file) => known.get(file.path)?.stamp !== stampOf(file));
    for (const [index, file] of changed.entries()) {
      await readFile(file);
      if (index % FILES_PER_TURN === FILES_PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    if (store.isWorthCompacting) store = store.compacted();
  };

  const syncOnce = async (): Promise<SyncResult> => {
    const startedMs = performance.now();
    const listing = await listFiles(roots);
    const changed = fingerprint !== listing.fingerprint;
    if (changed) await takeIn(listing);
    fingerprint = listing.fingerprint;
    lastSyncAt = new Date().toISOString();
    return {
      changed,
      documents: store.size,
      chunks: store.lexical.size,
      skipped: skippedFiles().length,
      tookMs: Math.round(performance.now() - startedMs),
    };
  };

  const skippedFiles = (): readonly SkippedFile[] =>
    [...known.values()].flatMap(({ skipped }) => skipped ?? []).sort((a, b) => (a.path < b.path ? -1 : 1));

  return {
    sync: () => {
      running ??= syncOnce().finally(() => {
        running = null;
      });
      return running;
    },
    search: (request) => (fingerprint === null ? null : search(store, null, request)),
    document: (path) => store.get(path) ?? null,
    successorOf: (path) => store.currentSuccessors().get(path) ?? null,
    state: async () => {
      const listing = await listFiles(roots);
      const skipped = skippedFiles();
      const reasons: Degradation[] = [];
      if (fingerprint === null) reasons.push("index_missing");
      else if (fingerprint !== listing.fingerprint) reasons.push("index_stale");
      for (const collection of listing.unreadable) reasons.push(`${collection}_unreadable`);
      if (skipped.length > 0) reasons.push("files_skipped");
      const oddities = { ...NO_ODDITIES };
      for (const file of known.values()) for (const oddity of file.oddities) oddities[oddity] += 1;
      return {
        onDisk: listing.files.length,
        indexed: store.size,
        chunks: store.lexical.size,
        terms: store.lexical.termCount,
        skipped,
        oddities,
        lastSyncAt,
        reasons,
      };
    },
  };
}

/** Changes when the file was written or replaced. */
function stampOf({ sizeBytes, modifiedMs, inode, inside }: ListedFile): string {
  return `${sizeBytes} ${modifiedMs} ${inode} ${inside}`;
}
