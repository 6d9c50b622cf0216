/** Time as a rhythm needs it; a test brings its own. */
export interface Clock {
  /** Milliseconds on a clock that is never set. */
  now(): number;
  /** Calls once, that many milliseconds later. Answers what calls it off. */
  after(ms: number, call: () => void): () => void;
}

export const MONOTONIC: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

export interface RhythmOptions {
  readonly intervalMs: number;
  /** Until the first beat. */
  readonly firstMs: number;
  readonly clock: Clock;
  /** Must not reject. */
  readonly work: () => Promise<void>;
}

/** Works at every interval, never twice at once: a beat that comes while the work goes on is left out, and not made up for. */
export class Rhythm {
  readonly #options: RhythmOptions;
  #dueAt: number;
  #callOff: (() => void) | null = null;
  #isStopped = false;

  constructor(options: RhythmOptions) {
    this.#options = options;
    this.#dueAt = options.clock.now() + options.firstMs;
    this.#wait();
  }

  /** Milliseconds until the next beat. */
  get waitMs(): number {
    const { intervalMs, clock } = this.#options;
    const late = clock.now() - this.#dueAt;
    return late < 0 ? -late : intervalMs - (late % intervalMs);
  }

  /** No further beat. What goes on is for the caller to end. */
  stop(): void {
    this.#isStopped = true;
    this.#callOff?.();
  }

  #wait(): void {
    const { clock } = this.#options;
    const waitMs = this.waitMs;
    this.#dueAt = clock.now() + waitMs;
    this.#callOff = clock.after(waitMs, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    // A timer may be a fraction of a millisecond early, and the same beat must not come again.
    this.#dueAt = Math.min(this.#dueAt, this.#options.clock.now());
    await this.#options.work();
    if (!this.#isStopped) this.#wait();
  }
}
