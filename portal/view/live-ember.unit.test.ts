import { expect, test } from "vitest";
import { COLD_PART } from "./ember.ts";
import { type LeaseBeat, liveState, nextChange } from "./live-ember.ts";

const LEASE: LeaseBeat = [65, 3, 0, 600_000, 600];

test("a claim cools by the page's clock alone, and is cold only on the board's word", () => {
  expect(liveState(LEASE, 59_999, 0)).toBe("fresh");
  expect(liveState(LEASE, 60_000, 0)).toBe("cooling");
  expect(liveState(LEASE, 300_500, 299_900)).toBe("cooling");
  expect(liveState(LEASE, 300_500, 300_400)).toBe("cold");
  expect(liveState(LEASE, 600_500, 600_300)).toBe("expired");
});

test("without the board's word a claim that should be cold is unknown", () => {
  expect(liveState(LEASE, 310_000, 290_000)).toBe("unknown");
  expect(liveState(LEASE, 700_000, 400_000)).toBe("unknown");
});

test("the next change is the next threshold", () => {
  expect([0, 60_000, 300_000, 600_000].map((now) => nextChange(LEASE, now))).toEqual([
    ...[60_000, 300_000, 600_000, Number.POSITIVE_INFINITY],
  ]);
});

/** Small, seeded, good enough for weather. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The board reads its leases every half second and tells a page of changes and of passed thresholds, some time later. */
const READ_MS = 500;

/** How a page judges: by the board's last word, or (what must fail) by its clock alone. */
type Judge = (lease: LeaseBeat, now: number, readAt: number) => ReturnType<typeof liveState>;

/** One claim's life: beats with jitter and gaps, and a line that brings the board's readings up to 0.9 s late. */
function watchClaim(seed: number, judge: Judge): { readonly falseColds: number; readonly lateMs: number } {
  const random = randomFrom(seed);
  const length = 30 + Math.floor(random() * 1_770);
  const half = length * 1_000 * COLD_PART;
  const beats = [0];
  while ((beats.at(-1) ?? 0) < length * 1_000) {
    // A live holder beats about ten times a lease, and at worst just before its claim would be cold.
    const gap = random() < 0.8 ? half * (0.1 + random() * 0.2) : half - 1 - random() * 50;
    beats.push((beats.at(-1) ?? 0) + gap);
  }
  const deathAt = beats.at(-1) ?? 0;
  const endsAt = deathAt + length * 1_000;
  const line = random() * 900;
  let falseColds = 0;
  let shownAt = Number.POSITIVE_INFINITY;
  const moments = [...beats.flatMap((beat) => [20, 300, 800, 1_500].map((late) => beat + half + late))];
  for (const end of [0, 300, 800, 1_400, 1_900, 2_400]) moments.push(endsAt + end);
  for (const now of moments.sort((a, b) => a - b)) {
    const readAt = Math.max(0, Math.floor((now - line) / READ_MS) * READ_MS);
    const beatAt = beats.findLast((beat) => beat <= readAt) ?? 0;
    const state = judge([1, 1, beatAt, beatAt + length * 1_000, length], now - line, readAt);
    if ((state === "cold" || state === "expired") && now < deathAt + half) falseColds += 1;
    if (state === "expired") shownAt = Math.min(shownAt, now);
  }
  return { falseColds, lateMs: shownAt - endsAt };
}

const watchAll = (judge: Judge) => Array.from({ length: 10_000 }, (_, seed) => watchClaim(seed + 1, judge));
const falseColds = (seen: ReturnType<typeof watchAll>) => seen.reduce((sum, claim) => sum + claim.falseColds, 0);

test("of ten thousand claims none is shown cold while it beats, and each ended one is shown within two seconds", () => {
  const seen = watchAll(liveState);
  expect(falseColds(seen)).toBe(0);
  expect(Math.max(...seen.map(({ lateMs }) => lateMs))).toBeLessThanOrEqual(2_000);
});

test("a page that judged by its clock alone would cry cold", () => {
  expect(falseColds(watchAll((lease, now) => liveState(lease, now + 900, now + 900)))).toBeGreaterThan(0);
});
