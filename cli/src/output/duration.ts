/** Milliseconds as people read them: "0.4 s", "12.3 s", "2 m 11 s". */
export function formatDuration(ms: number): string {
  // From 59,950 on one decimal would read "60.0 s".
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
}
