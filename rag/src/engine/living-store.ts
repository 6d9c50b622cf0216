import type { SourceDocument } from "../corpus/document.ts";
import type { Haste, Vectors } from "../embedding/vectors.ts";
import { applyChange, type Change } from "../persistence/change-log.ts";
import type { IndexKeeper } from "../persistence/index-keeper.ts";
import { PassageStore } from "./passage-store.ts";

/**
 * The store that answers now, with its vectors and what is kept of it on disk in step. It is replaced as a whole, by a copy that is made while it goes on
 * answering and taking in: what comes meanwhile is put into the copy last.
 */
export class LivingStore {
  private current: PassageStore;
  private readonly keeper: IndexKeeper | null;
  private readonly vectors: Vectors | null;
  /** Taken in and not yet handed to the keeper. */
  private changes: Change[] = [];
  /** What is taken in while a copy is made, one list for each copy. */
  private readonly recordings = new Set<Change[]>();
  private compacting: Promise<void> | null = null;

  constructor(store: PassageStore, keeper: IndexKeeper | null, vectors: Vectors | null) {
    this.current = store;
    this.keeper = keeper;
    this.vectors = vectors;
    vectors?.reset(store);
  }

  get store(): PassageStore {
    return this.current;
  }

  put(source: SourceDocument, haste: Haste): void {
    if (this.current.get(source.path)?.source.sha256 === source.sha256) return;
    this.vectors?.remove(this.current.get(source.path));
    const document = this.current.put(source);
    this.vectors?.add(document, haste);
    this.note({ op: "put", source });
  }

  remove(path: string): void {
    this.vectors?.remove(this.current.get(path));
    if (this.current.remove(path)) this.note({ op: "remove", path });
  }

  mark(name: string, mark: string): void {
    this.current.marks.set(name, mark);
    this.note({ op: "mark", name, mark });
  }

  /** Hands what was taken in to the keeper, and begins to copy the store without its dead passages where that is due. */
  keep(): void {
    this.keeper?.keep(this.changes, this.current);
    this.changes = [];
    if (!this.current.isWorthCompacting && this.keeper?.wantsCompaction !== true) return;
    this.compacting ??= this.compact().finally(() => {
      this.compacting = null;
    });
    // Whoever waits for it is told; for whoever does not, the store as it is goes on answering.
    this.compacting.catch(() => undefined);
  }

  /** Resolves when no copy without dead passages is being made. */
  async settled(): Promise<void> {
    await this.compacting;
  }

  /** Puts a store in place that holds `fresh` and, of what is held now, the documents that `isHeldOn` names. */
  async replace(fresh: PassageStore, isHeldOn: (source: SourceDocument) => boolean): Promise<void> {
    await this.swap(fresh, isHeldOn, () => true);
  }

  private compact(): Promise<void> {
    const before = this.current;
    // When everything was read again meanwhile, the copy is of what is no more.
    return this.swap(
      new PassageStore(),
      () => true,
      () => this.current === before,
    );
  }

  private async swap(
    fresh: PassageStore,
    isHeldOn: (source: SourceDocument) => boolean,
    isWanted: () => boolean,
  ): Promise<void> {
    const recording: Change[] = [];
    this.recordings.add(recording);
    try {
      await fresh.takeOver(this.current, isHeldOn);
    } finally {
      this.recordings.delete(recording);
    }
    if (!isWanted()) return;
    // A generation has no dead passage; what came meanwhile stands in the log of changes beside it.
    this.keeper?.renew(fresh);
    for (const change of recording) applyChange(fresh, change);
    this.current = fresh;
    this.vectors?.reset(fresh);
    this.changes = [];
    this.keeper?.keep(recording, fresh);
  }

  private note(change: Change): void {
    this.changes.push(change);
    for (const recording of this.recordings) recording.push(change);
  }
}
