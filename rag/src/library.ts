import {
  type Collection,
  FILE_COLLECTIONS,
  isFileCollection,
  NO_ODDITIES,
  type Oddity,
  type SkippedFile,
  type SourceDocument,
} from "./corpus/document.ts";
import { type FileListing, type ListedFile, listFiles, type Roots } from "./corpus/list-files.ts";
import { readListedFile } from "./corpus/read-file.ts";
import type { LoadedModel } from "./embedding/embedder.ts";
import type { VectorFacts } from "./embedding/vector-facts.ts";
import type { Vectors } from "./embedding/vectors.ts";
import type { Hit } from "./engine/hit.ts";
import type { IndexedDocument } from "./engine/passage.ts";
import { PassageStore } from "./engine/passage-store.ts";
import { type SearchRequest, search, type UsedMode, usedMode } from "./engine/search.ts";
import { type Degradation, type LibraryState, modelReasons } from "./library-state.ts";
import type { Change } from "./persistence/change-log.ts";
import type { IndexKeeper } from "./persistence/index-keeper.ts";
import { parseQuery } from "./ranking/parse-query.ts";
import { type CorpusComparison, compareCorpus } from "./reading/compare-corpus.ts";

export interface SyncResult {
  /** False when nothing on disk had changed: the index was left as it is. */
  readonly changed: boolean;
  readonly documents: number;
  readonly chunks: number;
  readonly skipped: number;
  readonly tookMs: number;
}

export interface Answer {
  readonly hits: readonly Hit[];
  readonly mode: UsedMode;
}

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
  /** Takes in what changed in a source that is no folder, and how far it was read: all of it or, after a crash, a part without the mark. */
  take(changes: readonly Change[]): void;
  /** How far such a source was taken in; null when it never was. */
  markOf(name: string): string | null;
  countOf(collection: Collection): number;
  /** The documents of one collection. */
  documentsOf(collection: Collection): readonly IndexedDocument[];
  /** null when no index has been built yet. */
  search(request: SearchRequest): Promise<Answer | null>;
  /** Embeds with another model from now on. */
  useModel(model: LoadedModel): void;
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
    else put(source);
  };

  const put = (source: SourceDocument): void => {
    if (store.get(source.path)?.source.sha256 === source.sha256) return;
    vectors?.remove(store.get(source.path));
    const document = store.put(source);
    vectors?.add(document);
    changes.push({ op: "put", source });
  };

  const remove = (path: string): void => {
    vectors?.remove(store.get(path));
    if (store.remove(path)) changes.push({ op: "remove", path });
  };

  const keepChanges = (): void => {
    if (store.isWorthCompacting) {
      store = store.compacted();
      vectors?.reset(store);
    }
    kept?.keeper.keep(changes, store);
    changes = [];
  };

  const take = (given: readonly Change[]): void => {
    for (const change of given) {
      if (change.op === "put") put(change.source);
      else if (change.op === "remove") remove(change.path);
      else {
        store.marks.set(change.name, change.mark);
        changes.push(change);
      }
    }
    keepChanges();
  };

  const takeIn = async (listing: FileListing): Promise<void> => {
    const listed = new Set(listing.files.map(({ path }) => path));
    for (const path of [...known.keys()].filter((one) => !listed.has(one))) known.delete(path);
    // A folder that cannot be listed now is not an empty one: what is known of it stays, and health says so.
    const isGone = ({ source: { path, collection } }: IndexedDocument): boolean =>
      isFileCollection(collection) && !listed.has(path) && !listing.unreadable.includes(collection);
    for (const { source } of [...store.all()].filter(isGone)) remove(source.path);
    const changed = listing.files.filter((file) => known.get(file.path)?.stamp !== stampOf(file));
    for (const [index, file] of changed.entries()) {
      await readFile(file);
      if (index % FILES_PER_TURN === FILES_PER_TURN - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    keepChanges();
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
    // A folder that cannot be listed now is not an empty one; what is no file is made anew by its own source.
    for (const { source } of store.all()) {
      const { collection } = source;
      if (!isFileCollection(collection) || listing.unreadable.includes(collection)) fresh.put(source);
    }
    for (const [name, mark] of store.marks) fresh.marks.set(name, mark);
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
      documents: filesIndexed(),
      chunks: store.lexical.size,
      skipped: skippedFiles().length,
      tookMs: Math.round(performance.now() - startedMs),
    };
  };

  const documentsOf = (collection: Collection): readonly IndexedDocument[] =>
    [...store.all()].filter(({ source }) => source.collection === collection);

  const filesIndexed = (): number => FILE_COLLECTIONS.reduce((sum, collection) => sum + store.countOf(collection), 0);

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
    take,
    markOf: (name) => store.marks.get(name) ?? null,
    countOf: (collection) => store.countOf(collection),
    documentsOf,
    compare: () =>
      compareCorpus(
        roots,
        new Map(FILE_COLLECTIONS.flatMap(documentsOf).map((document) => [document.source.path, document])),
      ),
    search: async (request) => {
      const leg = request.mode === "lexical" ? null : await vectors?.leg(parseQuery(request.query).text);
      const dense = leg?.(store) ?? null;
      return isEmpty() ? null : { hits: search(store, dense, request), mode: usedMode(dense, request) };
    },
    useModel: (model) => vectors?.use(model, store),
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
        indexed: filesIndexed(),
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
