/** 18442 → "18 442" (a no-break thin space would leave the mono grid, so a plain no-break space). */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u00a0");
}

/** "1 task", "2 tasks". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** First eight digits of a hash in two groups, "e41b 90c7"; a dash for none. */
export function shortHash(hash: string | null): string {
  return hash === null || hash === "" ? "–" : `${hash.slice(0, 4)} ${hash.slice(4, 8)}`;
}

/** A commit as people write it: seven digits. Anything that is no hash stays as it is. */
export function shortCommit(commit: string): string {
  return /^[0-9a-f]{8,40}$/.test(commit) ? commit.slice(0, 7) : commit;
}
