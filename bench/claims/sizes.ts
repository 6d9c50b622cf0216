/** How much a run measures. Quick keeps the backlogs and shortens the runs; long takes the research's sizes and pins the horizon for a minute. */
export interface Sizes {
  /** Rounds of each figure beside R, and seconds of each pgbench run in them (ours twice that). */
  readonly rounds: number;
  readonly seconds: number;
  /** Tasks laid out for one run of pairs, and batches of 50. */
  readonly pairs: number;
  readonly batches: number;
  /** Jobs measured of each contender. */
  readonly timed: number;
  readonly small: number;
  readonly large: number;
  /** Backlogs of the latency curve, rising; the last one is the row's. */
  readonly backlogs: readonly number[];
  /** Jobs done while the horizon is pinned, and the least seconds that it has been pinned for when the first figure under it is taken. */
  readonly dead: number;
  readonly pinnedSeconds: number;
}

/** What the goals under a pinned horizon ask for; a row measured with less is shown and not judged. */
export const isAskedPin = ({ dead, pinnedSeconds }: Sizes): boolean => dead >= 50_000 && pinnedSeconds >= 60;

export const QUICK: Sizes = {
  rounds: 3,
  seconds: 2,
  pairs: 4_000,
  batches: 800,
  timed: 400,
  small: 1_000,
  large: 50_000,
  backlogs: [5_000, 50_000, 500_000],
  dead: 2_000,
  pinnedSeconds: 0,
};

export const LONG: Sizes = {
  rounds: 5,
  seconds: 6,
  pairs: 20_000,
  batches: 2_000,
  timed: 4_000,
  small: 1_000,
  large: 50_000,
  backlogs: [5_000, 50_000, 500_000],
  dead: 50_000,
  pinnedSeconds: 60,
};
