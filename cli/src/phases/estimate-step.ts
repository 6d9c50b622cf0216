import type { DriverId } from "../drivers/driver.ts";
import type { JournalRecord } from "../journal/record.ts";
import { formatDuration } from "../output/duration.ts";

/** How long a step will take, and how that is known. */
export interface Estimate {
  readonly ms: number;
  /** last: this instance's own last time. measured: from zero on the machine of FROM_ZERO. */
  readonly from: "last" | "measured";
}

/** Below this nobody waits, and a line about it would only flicker. */
const WORTH_SAYING_MS = 2_000;

/**
 * Steps of the embedded driver that take long the first time: two shared cores, empty caches, bench/results/2026-11-22-bare-machine.md.
 * Nothing of the kind was measured for compose, so its first run says nothing.
 */
const FROM_ZERO: Readonly<Record<string, number>> = {
  "up/directus": 113_000,
  "up/portal": 88_000,
  "migrate/metadata": 22_800,
};

/**
 * By what the journal knows of the step (oldest first): the time of its last run that ended well, with its checks. A skip proves that a step
 * needs no time, not how much it takes, and a failed run ended early. Null: nothing is known, or too little to be worth a word. Pure.
 */
export function estimateStep(
  step: string,
  history: readonly JournalRecord[],
  driver: DriverId | null,
): Estimate | null {
  const last = history.findLast(({ event }) => event === "done" || event === "verify");
  const measured = driver === "embedded" ? FROM_ZERO[step] : undefined;
  const estimate: Estimate | null =
    last !== undefined
      ? { ms: last.durationMs, from: "last" }
      : measured !== undefined
        ? { ms: measured, from: "measured" }
        : null;
  return estimate === null || estimate.ms < WORTH_SAYING_MS ? null : estimate;
}

const SOURCE: Readonly<Record<Estimate["from"], string>> = {
  last: ", last time",
  measured: " from empty caches on two cores",
};

/** "about 1 m 50 s, last time" */
export function sayEstimate({ ms, from }: Estimate): string {
  return `${sayAbout(ms)}${SOURCE[from]}`;
}

/** "about 12 s": a tenth of a second would promise what nobody knows. */
export function sayAbout(ms: number): string {
  const text = formatDuration(Math.round(ms / 1000) * 1000);
  return `about ${text.replace(/\.0 s$/, " s")}`;
}
