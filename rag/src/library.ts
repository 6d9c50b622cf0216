import { NO_ODDITIES, type Oddity, type SkippedFile, type SourceDocument } from "./corpus/document.ts";
import { type FileListing, type ListedFile, listFiles, type Roots } from "./corpus/list-files.ts";
import { readListedFile } from "./corpus/read-file.ts";
import type { VectorFacts, Vectors } from "./embedding/vectors.ts";
import type { Hit } from "./engine/hit.ts";
import type { IndexedDocument } from "./engine/passage.ts";
import { PassageStore } from "./engine/passage-store.ts";
import { type SearchRequest, search } from "./engine/search.ts";
import type { Change } from "./persistence/change-log.ts";
import type { IndexKeeper } from "./persistence/index-keeper.ts";
import { type CorpusComparison, compareCorpus } from "./reading/compare-corpus.ts";

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
  /** `off`: nobody has said that the folders are watched. */
  readonly watcher: "alive" | "dead" | "off";
  /** Named degradations; empty means healthy. */
  readonly reasons: readonly Degradation[];
}

/**
 * What is not as it should be. `index_missing`: nothing can be searched. `index_stale`: the disk holds what the index does not.
 * `memory_unreadable`, `log_unreadable`: the folder cannot be listed. `files_skipped`: GET /stats names them. `watcher_dead`: changes are found
 * by looking every few seconds. `index_recovered`: the index on disk was damaged and is not written anew yet. `index_not_kept`: it cannot
 * be written, so the next start begins from the files. `model_missing`, `model_unverified`: search is by words alone. `embed_backlog`: a passage
 * has waited for its vector for more than a minute. `vectors_missing`: a passage has no vector and waits for none.
 */
export type Degradation =
  | "index_missing"
  | "index_stale"
  | "memory_unreadable"
  | "log_unreadable"
  | "files_skipped"
  | "watcher_dead"
  | "index_recovered"
  | "index_not_kept"
  | "model_missing"
  | "model_unverified"
  | "embed_backlog"
  | "vectors_missing";

/** What a library goes on from: an index that was kept, and where to keep it. Without it the index lives in memory. */
export interface Kept {
  readonly keeper: IndexKeeper;
  readonly store: PassageStore;
}

/** The files that are the truth, and the index derived from them. */
export interface Library {
  /** Reads the files that changed and takes them in. A call during a run waits for one that begins after it, shared by all such calls. Idempotent. */
  sync(): Promise<SyncResult>;
  /** Reads every file into a new index and swaps it in, as a new generation where one is kept. The old one answers meanwhile. */
  rebuild(): Promise<SyncResult>;
  /** Every file and every citation against what is indexed. Changes nothing. */
  compare(): Promise<CorpusComparison>;
  /** null when no index has been built yet. */
  search(request: SearchRequest): readonly Hit[] | null;
  /** The document with this path; null when it is not indexed. */
  document(path: string): IndexedDocument | null;
  /** Path of the document that replaced this one; null when it still holds. */
  successorOf(path: string): string | null;
  state(): Promise<LibraryState>;
  /** Whoever watches the folders says how to ask whether the watch lives; it is asked for every answer. */
  setWatcher(isAlive: () => boolean): void;
  /** Facts of the index on disk; null when it lives in memory. */
  vectors(): VectorFacts | null;
  kept(): Pick<IndexKeeper, "generation" | "recoveries" | "failure" | "verify"> | null;
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
export function openLibrary(roots: Roots, kept: Kept | null = null, vectors: Vectors | null = null): Library {
  let store = kept?.store ?? new PassageStore();
  vectors?.reset(store);
  let changes: Change[] = [];
  let isWatched: (() => boolean) | null = null;
  const known = new Map<string, KnownFile>();
  let fingerprint: string | null = null;
  let lastSyncAt: string | null = null;
  let running: Promise<SyncResult> | null = null;
  let queued: Promise<SyncResult> | null = null;

  /** The document in a file; null when it holds none that can be searched. Notes what was read. */
  const readInto = async (file: ListedFile): Promise<SourceDocument | null> => {
    const result = await readListedFile(file);
    const skipped = result.ok ? null : { path: file.path, reason: result.reason };
    known.set(file.path, { stamp: stampOf(file), skipped, oddities: result.ok ? result.oddities : [] });
    return result.ok ? result.document : null;
  };

  const readFile = async (file: ListedFile): Promise<void> => {
    const source = await readInto(file);
    if (source === null) remove(file.path);
    else if (store.get(file.path)?.source.sha256 !== source.sha256) {
      vectors?.remove(store.get(file.path));
      const document = store.put(source);
      vectors?.add(document);
      changes.push({ op: "put", source });
    }
  };

  const remove = (path: string): void => {
    vectors?.remove(store.get(path));
    if (store.remove(path)) changes.push({ op: "remove", path });
  };

  const takeIn = async (listing: FileListing): Promise<void> => {
    const listed = new Set(listing.files.map(({ path }) => path));
    for (const path of [...known.keys()].filter((one) => !listed.has(one))) known.delete(path);
    // A folder that cannot be listed now is not an empty one: what is known of it stays, and health says so.
    const isGone = ({ source }: IndexedDocument): boolean =>
      !listed.has(source.path) && !listing.unreadable.includes(source.collection);
    for (const { source } of [...store.all()].filter(isGone)) remove(source.path);
    const changed = listing.files.filter((file) => known.get(file.path)?.stamp !== stampOf(file));
    for (const [index, file] of changed.entries()) {
      await readFile(file);
      if (index % FILES_PER_TURN === FILES_PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    if (store.isWorthCompacting) {
      store = store.compacted();
      vectors?.reset(store);
    }
    kept?.keeper.keep(changes, store);
    changes = [];
  };

  const syncOnce = async (): Promise<SyncResult> => {
    const startedMs = performance.now();
    const listing = await listFiles(roots);
    const changed = fingerprint !== listing.fingerprint;
    if (changed) await takeIn(listing);
    // An index that could not be written is tried again at each look.
    else kept?.keeper.keep([], store);
    return finish(listing, changed, startedMs);
  };

  /** Nothing was kept and nothing has been read yet: an answer would be a lie. */
  const isEmpty = (): boolean => fingerprint === null && store.size === 0;

  const rebuildOnce = async (): Promise<SyncResult> => {
    const startedMs = performance.now();
    const listing = await listFiles(roots);
    const fresh = new PassageStore();
    known.clear();
    for (const [index, file] of listing.files.entries()) {
      const document = await readInto(file);
      if (document !== null) fresh.put(document);
      if (index % FILES_PER_TURN === FILES_PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    // A folder that cannot be listed now is not an empty one.
    for (const { source } of store.all()) if (listing.unreadable.includes(source.collection)) fresh.put(source);
    store = fresh;
    vectors?.reset(store);
    changes = [];
    kept?.keeper.renew(store);
    return finish(listing, true, startedMs);
  };

  const finish = (listing: FileListing, changed: boolean, startedMs: number): SyncResult => {
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

  const startRun = (once: () => Promise<SyncResult>): Promise<SyncResult> => {
    running = once().finally(() => {
      running = null;
    });
    return running;
  };

  /** One run at a time; what is asked for during one begins after it. */
  const after = (once: () => Promise<SyncResult>): Promise<SyncResult> => {
    const begin = async (): Promise<SyncResult> => {
      while (running !== null) await running.catch(() => undefined);
      return startRun(once);
    };
    return begin();
  };

  const skippedFiles = (): readonly SkippedFile[] =>
    [...known.values()].flatMap(({ skipped }) => skipped ?? []).sort((a, b) => (a.path < b.path ? -1 : 1));

  return {
    sync: () => {
      if (running === null) return startRun(syncOnce);
      // The run under way may have listed the folders before what the caller knows of: it gets the next one.
      queued ??= after(() => {
        queued = null;
        return syncOnce();
      });
      return queued;
    },
    rebuild: () => after(rebuildOnce),
    compare: () => compareCorpus(roots, new Map([...store.all()].map((document) => [document.source.path, document]))),
    search: (request) => (isEmpty() ? null : search(store, vectors?.leg(store) ?? null, request)),
    vectors: () => vectors?.facts() ?? null,
    setWatcher: (isAlive) => {
      isWatched = isAlive;
    },
    kept: () => kept?.keeper ?? null,
    document: (path) => store.get(path) ?? null,
    successorOf: (path) => store.currentSuccessors().get(path) ?? null,
    state: async () => {
      const listing = await listFiles(roots);
      const skipped = skippedFiles();
      const reasons: Degradation[] = [];
      if (isEmpty()) reasons.push("index_missing");
      else if (fingerprint !== listing.fingerprint) reasons.push("index_stale");
      for (const collection of listing.unreadable) reasons.push(`${collection}_unreadable`);
      if (skipped.length > 0) reasons.push("files_skipped");
      const watcher = isWatched === null ? "off" : isWatched() ? "alive" : "dead";
      if (watcher === "dead") reasons.push("watcher_dead");
      if (kept !== null && !kept.keeper.isSound) reasons.push("index_recovered");
      if (kept !== null && kept.keeper.failure !== null) reasons.push("index_not_kept");
      reasons.push(...modelReasons(vectors?.facts() ?? null, store.lexical.size));
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
        watcher,
        reasons,
      };
    },
  };
}

/** Changes when the file was written or replaced. */
function stampOf({ sizeBytes, modifiedMs, inode, inside }: ListedFile): string {
  return `${sizeBytes} ${modifiedMs} ${inode} ${inside}`;
}

/** 60 s: a model that makes a thousand vectors a second has no reason to keep a passage waiting that long. */
const LONGEST_WAIT_MS = 60_000;

function modelReasons(facts: VectorFacts | null, passages: number): readonly Degradation[] {
  if (facts === null) return [];
  if (facts.state !== "verified") return [`model_${facts.state}`];
  if (facts.oldestPendingMs > LONGEST_WAIT_MS) return ["embed_backlog"];
  return facts.pending === 0 && facts.vectors < passages ? ["vectors_missing"] : [];
}
