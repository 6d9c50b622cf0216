import type { Embedder } from "./embedder.ts";
import type { HnswGraph } from "./hnsw-graph.ts";
import { type KeptRow, writeVectors } from "./kept-vectors.ts";

/** What is kept is written when nothing has been made for this long. */
const QUIET_MS = 2_000;
/** While more is made, it is written this often: a kill late in an hour of embedding costs half a minute of it. */
const WHILE_BUSY_MS = 30_000;
/** A disk that did not take it is tried again after this long. */
const RETRY_MS = 5_000;

/** Everything that is worth keeping now. */
export interface HeldVectors {
  readonly embedder: Embedder;
  readonly rows: readonly KeptRow[];
  readonly graph: HnswGraph | null;
}

/** Writes vectors beside the work that makes them: soon after it rests, and each half minute while it goes on. */
export class VectorKeeper {
  private readonly folder: string;
  private readonly held: () => HeldVectors | null;
  private isChanged = false;
  private isClosed = false;
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private sinceMs = performance.now();
  private lastFailure: string | null = null;
  private written = false;

  /** `held` is asked right before each write; null: there is nothing to keep. */
  constructor(folder: string, held: () => HeldVectors | null) {
    this.folder = folder;
    this.held = held;
  }

  /** Why the last write failed; null when it did not. */
  get failure(): string | null {
    return this.lastFailure;
  }

  /** True once what is kept is of this process. */
  get hasWritten(): boolean {
    return this.written;
  }

  /** What is held differs from what is kept. */
  change(): void {
    if (!this.isChanged) this.sinceMs = performance.now();
    this.isChanged = true;
  }

  /** The work has come to rest: it is written unless it goes on within two seconds. */
  rest(delayMs = QUIET_MS): void {
    if (this.isClosed || !this.isChanged) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.write(), delayMs).unref();
  }

  /** To be waited for between two steps of the work: nothing may be made while it is written. */
  async pause(): Promise<void> {
    await this.writing;
    if (this.isChanged && performance.now() - this.sinceMs >= WHILE_BUSY_MS) await this.write();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.write();
  }

  /** Never throws. */
  private async write(): Promise<void> {
    while (this.writing !== null) await this.writing;
    const held = this.isChanged ? this.held() : null;
    if (held === null) return;
    this.isChanged = false;
    this.writing = this.put(held).finally(() => {
      this.writing = null;
    });
    await this.writing;
  }

  private async put({ embedder, rows, graph }: HeldVectors): Promise<void> {
    try {
      await writeVectors(this.folder, embedder, rows, graph);
      this.lastFailure = null;
      this.written = true;
    } catch (error) {
      this.lastFailure = error instanceof Error ? error.message : String(error);
      this.change();
      this.rest(RETRY_MS);
    }
  }
}
