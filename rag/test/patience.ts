/**
 * How long a test waits for what comes by itself: far longer than it takes, for other tests may have the machine. Shorter than the minute after which the
 * folders are looked at without a watch, so that what is found by then was seen by the watch.
 */
export const PATIENCE = { timeout: 30_000, interval: 25 } as const;

/** The same for a process that starts. */
export const STARTS = { timeout: 60_000, interval: 50 } as const;
