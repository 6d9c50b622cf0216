/** Instants and durations as the portal writes them: always UTC, always the same units, never "just now". */

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** Whole seconds from `from` to `to`, never below 0. */
export function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, Math.round((to.getTime() - from.getTime()) / 1000));
}

/** "9 s", "4 m 10 s", "2 h 05 m", "3 d 04 h": two units at most, the smaller one padded. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} m ${two(whole % MINUTE)} s`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h ${two(Math.floor((whole % HOUR) / MINUTE))} m`;
  return `${Math.floor(whole / DAY)} d ${two(Math.floor((whole % DAY) / HOUR))} h`;
}

/** One unit only, for a column of ages: "41 m". */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} m`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h`;
  return `${Math.floor(whole / DAY)} d`;
}

/** "19:41:07" */
export function formatClock(instant: Date): string {
  return instant.toISOString().slice(11, 19);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** "22 Nov 2026" */
export function formatDate(instant: Date): string {
  return `${instant.getUTCDate()} ${MONTHS[instant.getUTCMonth()] ?? ""} ${instant.getUTCFullYear()}`;
}

/** A clock when it was the same day as `now`, else the day: what tells two rows apart in a list of the newest. */
export function formatMoment(instant: Date, now: Date): string {
  const isSameDay = instant.toISOString().slice(0, 10) === now.toISOString().slice(0, 10);
  return isSameDay ? formatClock(instant) : `${instant.getUTCDate()} ${MONTHS[instant.getUTCMonth()] ?? ""}`;
}
