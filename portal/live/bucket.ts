/** Lets through a burst, then so many a second. One for the whole process: who asks cannot be told behind a proxy, and need not be. */
export class Bucket {
  readonly #size: number;
  readonly #perSecond: number;
  #left: number;
  #at: number | null = null;

  constructor(size: number, perSecond: number) {
    this.#size = size;
    this.#perSecond = perSecond;
    this.#left = size;
  }

  /** Seconds to wait, whole and at least 1; 0 when the caller may go on. @param now ms of a clock that never goes back */
  take(now: number): number {
    this.#left = Math.min(this.#size, this.#left + ((now - (this.#at ?? now)) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#left < 1) return Math.max(1, Math.ceil((1 - this.#left) / this.#perSecond));
    this.#left -= 1;
    return 0;
  }
}
