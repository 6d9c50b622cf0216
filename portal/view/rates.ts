/** Money and rates as the portal writes them. */

/** "1.43", and four digits below a cent, so that a small sum is not shown as nothing. */
export function formatUsd(usd: number): string {
  return usd !== 0 && Math.abs(usd) < 0.01 ? usd.toFixed(4) : usd.toFixed(2);
}

/** 0.0714 → "7.1 %"; a dash when there is nothing to divide by. */
export function formatRate(rate: number | null): string {
  return rate === null ? "–" : `${(100 * rate).toFixed(1)}\u00a0%`;
}

/** Null when nothing was verified: a cost per task that does not exist is no zero. */
export function perTask(total: number, tasks: number): number | null {
  return tasks === 0 ? null : total / tasks;
}
