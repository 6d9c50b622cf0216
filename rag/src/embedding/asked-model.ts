import type { Embedder } from "./embedder.ts";

/** A model that failed is asked again after this long. */
const RETRY_MS = 5_000;
/** What it is asked then. */
const PROBE = "ready";

/**
 * An embedder that remembers whether it answered when it was asked last. After a failure it is asked again until it answers, also when nobody searches and
 * nothing waits: what health says of it must end by itself.
 */
export class AskedModel {
  readonly embedder: Embedder;
  private readonly recovered: () => void;
  private lastFailure: string | null = null;
  private retry: NodeJS.Timeout | null = null;
  private isClosed = false;

  /** `recovered` is called when it answers again. */
  constructor(embedder: Embedder, recovered: () => void) {
    this.embedder = embedder;
    this.recovered = recovered;
  }

  /** Why it gave no answer when it was asked last; null when it did. */
  get failure(): string | null {
    return this.lastFailure;
  }

  /** @throws what the embedder throws */
  embedQuery(text: string): Promise<Float32Array> {
    return this.note(this.embedder.embedQuery(text));
  }

  /** @throws what the embedder throws */
  embedPassages(texts: readonly string[]): Promise<readonly Float32Array[]> {
    return this.note(this.embedder.embedPassages(texts));
  }

  /** Notes a failure that showed itself elsewhere. */
  fail(error: unknown): void {
    this.lastFailure = error instanceof Error ? error.message : String(error);
    if (this.isClosed) return;
    this.retry ??= setTimeout(() => {
      this.retry = null;
      void this.embedQuery(PROBE).then(this.recovered, () => undefined);
    }, RETRY_MS).unref();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    if (this.retry !== null) clearTimeout(this.retry);
    await this.embedder.close();
  }

  private async note<T>(answer: Promise<T>): Promise<T> {
    try {
      const given = await answer;
      this.lastFailure = null;
      return given;
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }
}
