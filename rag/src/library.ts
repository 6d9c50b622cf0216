import type { CorpusSnapshot, Oddity, SkippedFile } from "./corpus/document.ts";
import { listFiles, type Roots } from "./corpus/list-files.ts";
import { NO_ODDITIES, readCorpus } from "./corpus/read-corpus.ts";
import { buildLexicalIndex, type Hit, type LexicalIndex } from "./lexical-index.ts";

interface SyncResult {
  /** False when nothing on disk had changed: the index was left as it is. */
  readonly changed: boolean;
  readonly documents: number;
  readonly chunks: number;
  readonly skipped: number;
  readonly tookMs: number;
}

/** What is true now, read from disk on each call; nothing here is remembered from an earlier look. */
interface LibraryState {
  readonly onDisk: number;
  readonly indexed: number;
  readonly chunks: number;
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
  /** Reads the files and swaps in a new index. Calls that overlap share one run. Idempotent. */
  sync(): Promise<SyncResult>;
  /** null when no index has been built yet. */
  search(query: string, limit: number): readonly Hit[] | null;
  state(): Promise<LibraryState>;
}

interface Built {
  readonly index: LexicalIndex;
  readonly corpus: CorpusSnapshot;
}

/** Opens the library without reading anything; the caller decides when to sync. */
export function openLibrary(roots: Roots): Library {
  let built: Built | null = null;
  let lastSyncAt: string | null = null;
  let running: Promise<SyncResult> | null = null;

  const syncOnce = async (): Promise<SyncResult> => {
    const startedMs = performance.now();
    const listing = await listFiles(roots);
    const changed = built === null || built.corpus.fingerprint !== listing.fingerprint;
    if (changed) {
      const corpus = await readCorpus(roots);
      built = { corpus, index: buildLexicalIndex(corpus.documents) };
    }
    lastSyncAt = new Date().toISOString();
    return {
      changed,
      documents: built?.index.documents ?? 0,
      chunks: built?.index.chunks ?? 0,
      skipped: built?.corpus.skipped.length ?? 0,
      tookMs: Math.round(performance.now() - startedMs),
    };
  };

  return {
    sync: () => {
      running ??= syncOnce().finally(() => {
        running = null;
      });
      return running;
    },
    search: (query, limit) => built?.index.search(query, limit) ?? null,
    state: async () => {
      const listing = await listFiles(roots);
      const reasons: Degradation[] = [];
      if (built === null) reasons.push("index_missing");
      else if (built.corpus.fingerprint !== listing.fingerprint) reasons.push("index_stale");
      for (const collection of listing.unreadable) reasons.push(`${collection}_unreadable`);
      if (built !== null && built.corpus.skipped.length > 0) reasons.push("files_skipped");
      return {
        onDisk: listing.files.length,
        indexed: built?.index.documents ?? 0,
        chunks: built?.index.chunks ?? 0,
        skipped: built?.corpus.skipped ?? [],
        oddities: built?.corpus.oddities ?? NO_ODDITIES,
        lastSyncAt,
        reasons,
      };
    },
  };
}
