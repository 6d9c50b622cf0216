import { describe, expect, it } from "vitest";
import { mergeStretches, ticksOf, timeScale } from "./time-scale.ts";

const HOUR = 3_600_000;
const day = { from: 0, to: 24 * HOUR };

describe("a scale of time", () => {
  it("keeps proportions where nothing is compressed", () => {
    const scale = timeScale({ ...day, busy: [{ from: 0, to: HOUR }], isCompressed: false });
    expect(scale.pieces).toHaveLength(1);
    expect(scale.x(12 * HOUR)).toBeCloseTo(scale.width / 2);
  });

  it("shrinks a long idle gap to a mark, and only that", () => {
    const busy = [
      { from: 0, to: 2 * HOUR },
      { from: 20 * HOUR, to: 24 * HOUR },
    ];
    const scale = timeScale({ ...day, busy, isCompressed: true });
    expect(scale.pieces.map(({ isCompressed }) => isCompressed)).toEqual([false, true, false]);
    expect(scale.x(20 * HOUR) - scale.x(2 * HOUR)).toBeCloseTo(40);
    expect(scale.x(2 * HOUR) - scale.x(HOUR)).toBeCloseTo(scale.x(22 * HOUR) - scale.x(21 * HOUR));
  });

  it("never runs backwards", () => {
    const scale = timeScale({ ...day, busy: [{ from: 5 * HOUR, to: 6 * HOUR }], isCompressed: true });
    const xs = Array.from({ length: 200 }, (_, at) => scale.x((at * day.to) / 199));
    expect(xs).toEqual(xs.toSorted((a, b) => a - b));
    expect(scale.x(-HOUR)).toBe(0);
    expect(scale.x(30 * HOUR)).toBe(scale.width);
  });

  it("puts no tick inside a mark", () => {
    const scale = timeScale({ ...day, busy: [{ from: 0, to: HOUR }], isCompressed: true });
    const marks = scale.pieces.filter(({ isCompressed }) => isCompressed);
    expect(marks).toHaveLength(1);
    for (const tick of ticksOf(scale)) {
      expect(marks.some(({ from, to }) => tick > from && tick < to)).toBe(false);
    }
  });
});

it("merges what overlaps or touches", () => {
  const merged = mergeStretches([
    { from: 5, to: 7 },
    { from: 0, to: 2 },
    { from: 2, to: 4 },
    { from: 6, to: 9 },
  ]);
  expect(merged).toEqual([
    { from: 0, to: 4 },
    { from: 5, to: 9 },
  ]);
});
