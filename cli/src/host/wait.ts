import { setTimeout as delay } from "node:timers/promises";

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks until the answer is not null, at most `timeoutMs` long. Null when the time is over.
 * @throws whatever `ask` throws; the signal's reason when aborted.
 */
export async function waitFor<T>(ask: () => T | null | Promise<T | null>, options: WaitOptions): Promise<T | null> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== null) return answer;
    const left = deadline - performance.now();
    if (left <= 0) return null;
    await delay(
      Math.min(options.intervalMs, left),
      undefined,
      options.signal === undefined ? {} : { signal: options.signal },
    );
  }
}

/** Waits for a condition; false when the time is over. */
export async function waitUntil(holds: () => boolean | Promise<boolean>, options: WaitOptions): Promise<boolean> {
  return (await waitFor(async () => ((await holds()) ? true : null), options)) ?? false;
}
