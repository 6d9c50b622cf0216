/** One line of the report: what was measured against what was promised. */
export interface Row {
  /** The part of the bench that measured it, and the commit and load at that time; written by the report. */
  readonly part?: string;
  readonly commit?: string;
  readonly load?: string;
  readonly metric: string;
  /** The promise, in words. */
  readonly floor: string;
  /** What was measured; null when it was not, with the reason in `note`. */
  readonly value: number | string | null;
  readonly unit: string;
  readonly met: boolean | null;
  /** What is hoped for beyond the promise, in words, and whether it was reached. */
  readonly aim?: string;
  readonly aimMet?: boolean;
  /** True: this run was told to leave it out, which is no failure of it. */
  readonly isLeftOut?: boolean;
  readonly note?: string;
}

export function atMost(metric: string, value: number, limit: number, unit: string, note?: string, aim?: number): Row {
  const rounded = Math.round(value * 1000) / 1000;
  return {
    metric,
    floor: `≤ ${limit} ${unit}`,
    value: rounded,
    unit,
    met: value <= limit,
    ...(note === undefined ? {} : { note }),
    ...(aim === undefined ? {} : { aim: `≤ ${aim} ${unit}`, aimMet: value <= aim }),
  };
}

export function notMeasured(metric: string, floor: string, note: string): Row {
  return { metric, floor, value: null, unit: "", met: null, note };
}

/** A run that was shortened cannot say it. */
export function leftOut(metric: string, floor: string, note: string): Row {
  return { ...notMeasured(metric, floor, note), isLeftOut: true };
}

/** The page or the answer was not there to be measured: that is a promise that was not kept. */
export function broken(metric: string, floor: string, note: string): Row {
  return { metric, floor, value: null, unit: "", met: false, note };
}

/** The value that `part` of the values do not exceed; NaN for none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
