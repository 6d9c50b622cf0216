/** A scale of time for a picture: busy stretches keep their proportions, long idle ones shrink to a mark of fixed width. */

export interface Stretch {
  /** Milliseconds since 1970, as everywhere in this file. */
  readonly from: number;
  readonly to: number;
}

export interface Piece extends Stretch {
  readonly x0: number;
  readonly x1: number;
  readonly isCompressed: boolean;
}

export interface TimeScale {
  readonly pieces: readonly Piece[];
  readonly width: number;
  /** Pixels per busy minute. */
  readonly perMinute: number;
  /** Where an instant lies; clamped to the scale. */
  x(instant: number): number;
}

export interface ScaleOptions extends Stretch {
  /** Stretches in which something happened; in any order, they may overlap. */
  readonly busy: readonly Stretch[];
  readonly isCompressed: boolean;
}

const MINUTE = 60_000;
/** An idle gap is worth a mark from ten minutes on, and from this part of the whole on. */
const MIN_GAP = 10 * MINUTE;
const MIN_GAP_PART = 0.03;
const MARK_WIDTH = 40;
/** What a window of 1,280 px has beside the names of the agents, less the room for the last label: nothing scrolls there that need not. */
const TARGET_WIDTH = 1_048;
/** At 1.4 px a minute a claim of half an hour still holds its number. */
const PER_MINUTE = { min: 1.4, max: 30 } as const;

/** Overlapping and touching stretches as one, in order. */
export function mergeStretches(stretches: readonly Stretch[]): readonly Stretch[] {
  const merged: Stretch[] = [];
  for (const stretch of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && stretch.from <= last.to) {
      merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, stretch.to) };
    } else merged.push(stretch);
  }
  return merged;
}

function longGaps({ from, to, busy, isCompressed }: ScaleOptions): readonly Stretch[] {
  if (!isCompressed) return [];
  const least = Math.max(MIN_GAP, (to - from) * MIN_GAP_PART);
  const gaps: Stretch[] = [];
  let end = from;
  for (const stretch of [...mergeStretches(busy), { from: to, to }]) {
    if (stretch.from - end >= least) gaps.push({ from: end, to: Math.min(stretch.from, to) });
    end = Math.max(end, stretch.to);
  }
  return gaps;
}

export function timeScale(options: ScaleOptions): TimeScale {
  const gaps = longGaps(options);
  const idle = gaps.reduce((total, gap) => total + gap.to - gap.from, 0);
  const busyMinutes = Math.max(1, (options.to - options.from - idle) / MINUTE);
  const fitting = (TARGET_WIDTH - gaps.length * MARK_WIDTH) / busyMinutes;
  const perMinute = Math.min(PER_MINUTE.max, Math.max(PER_MINUTE.min, fitting));
  const pieces: Piece[] = [];
  let at = options.from;
  let x = 0;
  const add = (to: number, isCompressed: boolean) => {
    if (to <= at) return;
    const width = isCompressed ? MARK_WIDTH : ((to - at) / MINUTE) * perMinute;
    pieces.push({ from: at, to, x0: x, x1: x + width, isCompressed });
    x += width;
    at = to;
  };
  for (const gap of gaps) {
    add(gap.from, false);
    add(gap.to, true);
  }
  add(options.to, false);
  return { pieces, width: x, perMinute, x: (instant) => place(pieces, instant) };
}

function place(pieces: readonly Piece[], instant: number): number {
  const piece = pieces.find(({ to }) => instant <= to) ?? pieces.at(-1);
  if (piece === undefined) return 0;
  const part = (Math.min(piece.to, Math.max(piece.from, instant)) - piece.from) / (piece.to - piece.from);
  return piece.x0 + part * (piece.x1 - piece.x0);
}

const STEPS_MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440];
const LABEL_WIDTH = 84;

/** Round instants whose labels do not touch; none inside a compressed gap. */
export function ticksOf(scale: TimeScale): readonly number[] {
  const minutes = STEPS_MINUTES.find((step) => step * scale.perMinute >= LABEL_WIDTH) ?? 1_440;
  const step = minutes * MINUTE;
  return scale.pieces.flatMap((piece) => {
    if (piece.isCompressed) return [];
    const ticks: number[] = [];
    for (let at = Math.ceil(piece.from / step) * step; at <= piece.to; at += step) ticks.push(at);
    return ticks;
  });
}
