/** Events per minute as a row of bars. Pure. */
import { formatCount } from "./numbers.ts";

/** Minutes that the picture has. */
export const MINUTES = 24;

export interface MinuteCount {
  /** 0: the minute that ends at the page's instant. */
  readonly minutes_ago: number;
  readonly events: number;
}

export interface PulseBars {
  /** Events of each minute, the oldest first. */
  readonly bars: readonly number[];
  readonly most: number;
  /** Of the last whole stretch, rounded: events a minute. */
  readonly perMinute: number;
  /** The picture in words. */
  readonly label: string;
}

/** Minutes over which the rate is told: one alone jumps. */
const RATE_MINUTES = 5;

export function pulseBars(counts: readonly MinuteCount[]): PulseBars {
  const byMinute = new Map(counts.map(({ minutes_ago, events }) => [minutes_ago, events]));
  const bars = Array.from({ length: MINUTES }, (_, at) => byMinute.get(MINUTES - 1 - at) ?? 0);
  const recent = bars.slice(-RATE_MINUTES).reduce((sum, events) => sum + events, 0);
  const perMinute = Math.round(recent / RATE_MINUTES);
  const most = Math.max(...bars);
  return {
    bars,
    most,
    perMinute,
    label: `Events per minute over the last ${MINUTES} minutes: ${formatCount(perMinute)} now, ${formatCount(most)} at most`,
  };
}
