import { type Collection, FILE_COLLECTIONS, isFileCollection } from "./corpus/document.ts";
import { type FileListing, listFiles, type Roots } from "./corpus/list-files.ts";
import type { LoadedModel } from "./embedding/embedder.ts";
import type { VectorFacts } from "./embedding/vector-facts.ts";
import type { Haste, Vectors } from "./embedding/vectors.ts";
import type { Hit } from "./engine/hit.ts";
import { LivingStore } from "./engine/living-store.ts";
import type { IndexedDocument } from "./engine/passage.ts";
import { PassageStore } from "./engine/passage-store.ts";
import { type SearchRequest, search, type UsedMode, usedMode } from "./engine/search.ts";
import { type Degradation, type LibraryState, modelReasons } from "./library-state.ts";
import type { Change } from "./persistence/change-log.ts";
import type { IndexKeeper } from "./persistence/index-keeper.ts";
import { parseQuery } from "./ranking/parse-query.ts";
import { type CorpusComparison, compareCorpus } from "./reading/compare-corpus.ts";
import { KnownFiles } from "./reading/known-files.ts";
import { inTurns } from "./take-turns.ts";

/** Up to so many documents at once are what somebody has just written, saved or moved on the board; more are a checkout, a copy or a first look. */
const WRITTEN_AT_ONCE = 32;

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

/** Opens the library without reading anything; the caller decides when to sync. */
export function openLibrary(roots: Roots, kept: Kept | null = null, vectors: Vectors | null = null): Library {
  const living = new LivingStore(kept?.store ?? new PassageStore(), kept?.keeper ?? null, vectors);
  const known = new KnownFiles();
  let isWatched: (() => boolean) | null = null;
  let fingerprint: string | null = null;
  let lastSyncAt: string | null = null;
  let running: Promise<SyncResult> | null = null;
  let queued: Promise<SyncResult> | null = null;

  const takeIn = async (listing: FileListing): Promise<void> => {
    const listed = new Set(listing.files.map(({ path }) => path));
    known.forgetAllBut(listed);
    // A folder that cannot be listed now is not an empty one: what is known of it stays, and health says so.
    const isGone = ({ source: { path, collection } }: IndexedDocument): boolean =>
      isFileCollection(collection) && !listed.has(path) && !listing.unreadable.includes(collection);
    await inTurns([...living.store.all()].filter(isGone), ({ source }) => living.remove(source.path));
    const changed = listing.files.filter((file) => known.isChanged(file));
    const haste = hasteOf(changed.length);
    await inTurns(changed, async (file) => {
      const source = await known.read(file);
      if (source === null) living.remove(file.path);
      else living.put(source, haste);
    });
  };

  const syncOnce = async (): Promise<SyncResult> => {
    const startedMs = performance.now();
    const listing = await listFiles(roots);
    const changed = fingerprint !== listing.fingerprint;
    if (changed) await takeIn(listing);
    // Also when nothing changed: an index that could not be written is tried again at each look.
    living.keep();
    await living.settled();
    return finish(listing, changed, startedMs);
  };

  /** Nothing was kept and nothing has been read yet: an answer would be a lie. */
  const isEmpty = (): boolean => fingerprint === null && living.store.size === 0;

  const rebuildOnce = async (): Promise<SyncResult> => {
    const startedMs = performance.now();
    const listing = await listFiles(roots);
    const fresh = new PassageStore();
    known.clear();
    await inTurns(listing.files, async (file) => {
      const document = await known.read(file);
      if (document !== null) fresh.put(document);
    });
    // A folder that cannot be listed now is not an empty one; what is no file is made anew by its own source.
    await living.replace(
      fresh,
      ({ collection }) => !isFileCollection(collection) || listing.unreadable.includes(collection),
    );
    return finish(listing, true, startedMs);
  };

  const finish = (listing: FileListing, changed: boolean, startedMs: number): SyncResult => {
    fingerprint = listing.fingerprint;
    lastSyncAt = new Date().toISOString();
    return {
      changed,
      documents: filesIndexed(),
      chunks: living.store.lexical.size,
      skipped: known.skipped().length,
      tookMs: Math.round(performance.now() - startedMs),
    };
  };

  const documentsOf = (collection: Collection): readonly IndexedDocument[] =>
    [...living.store.all()].filter(({ source }) => source.collection === collection);

  const filesIndexed = (): number =>
    FILE_COLLECTIONS.reduce((sum, collection) => sum + living.store.countOf(collection), 0);

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
    take: (changes) => {
      const haste = hasteOf(changes.length);
      for (const change of changes) {
        if (change.op === "put") living.put(change.source, haste);
        else if (change.op === "remove") living.remove(change.path);
        else living.mark(change.name, change.mark);
      }
      living.keep();
    },
    markOf: (name) => living.store.marks.get(name) ?? null,
    countOf: (collection) => living.store.countOf(collection),
    documentsOf,
    compare: () =>
      compareCorpus(
        roots,
        new Map(FILE_COLLECTIONS.flatMap(documentsOf).map((document) => [document.source.path, document])),
      ),
    search: async (request) => {
      const leg = request.mode === "lexical" ? null : await vectors?.leg(parseQuery(request.query).text);
      const dense = leg?.(living.store) ?? null;
      return isEmpty() ? null : { hits: search(living.store, dense, request), mode: usedMode(dense, request) };
    },
    useModel: (model) => vectors?.use(model, living.store),
    vectors: () => vectors?.facts() ?? null,
    setWatcher: (isAlive) => {
      isWatched = isAlive;
    },
    kept: () => kept?.keeper ?? null,
    document: (path) => living.store.get(path) ?? null,
    successorOf: (path) => living.store.currentSuccessors().get(path) ?? null,
    state: async () => {
      const listing = await listFiles(roots);
      const { lexical } = living.store;
      const watcher = isWatched === null ? "off" : isWatched() ? "alive" : "dead";
      const skipped = known.skipped();
      const reasons: Degradation[] = [];
      if (isEmpty()) reasons.push("index_missing");
      else if (fingerprint !== listing.fingerprint) reasons.push("index_stale");
      for (const collection of listing.unreadable) reasons.push(`${collection}_unreadable`);
      if (skipped.length > 0) reasons.push("files_skipped");
      if (watcher === "dead") reasons.push("watcher_dead");
      if (kept !== null && !kept.keeper.isSound) reasons.push("index_recovered");
      if (kept !== null && kept.keeper.failure !== null) reasons.push("index_not_kept");
      reasons.push(...modelReasons(vectors?.facts() ?? null, lexical.size));
      return {
        onDisk: listing.files.length,
        indexed: filesIndexed(),
        chunks: lexical.size,
        terms: lexical.termCount,
        skipped,
        oddities: known.oddities(),
        lastSyncAt,
        watcher,
        reasons,
      };
    },
  };
}

function hasteOf(documents: number): Haste {
  return documents <= WRITTEN_AT_ONCE ? "soon" : "bulk";
}
