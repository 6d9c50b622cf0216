import { expect, test } from "vitest";
import { recencyOf } from "./recency.ts";

const DAY_MS = 86_400_000;
const NEWEST = Date.parse("2026-05-01T00:00:00Z");
const factor = (collection: string, days: number, asksForNewest = false, evergreen = false): number =>
  recencyOf({ collection, atMs: NEWEST - days * DAY_MS, evergreen }, NEWEST, asksForNewest);

test("half of what age can take is taken after the half-life of the collection", () => {
  for (const [collection, days] of [
    ["log", 14],
    ["board", 30],
    ["memory", 180],
  ] as const) {
    expect(factor(collection, 0)).toBe(1);
    expect(factor(collection, days)).toBeCloseTo(1 - 0.05 / 2);
    expect(factor(collection, 2 * days)).toBeCloseTo(1 - 0.05 * 0.75);
  }
});

test("age never takes more than 5 percent, or 40 when the newest is asked for, and always more from what is older", () => {
  for (const asksForNewest of [false, true]) {
    const factors = [0, 1, 30, 365, 100_000].map((days) => factor("log", days, asksForNewest));
    expect(factors).toEqual([...factors].sort((a, b) => b - a));
    expect(factors.at(-1)).toBeCloseTo(asksForNewest ? 0.6 : 0.95);
  }
  expect(factor("memory", 45, true)).toBeCloseTo(0.8);
});

test("what is undated, evergreen, documentation or newer than the newest does not age", () => {
  expect(recencyOf({ collection: "log", atMs: null, evergreen: false }, NEWEST, true)).toBe(1);
  expect(factor("log", 900, true, true)).toBe(1);
  expect(factor("docs", 900, true)).toBe(1);
  expect(factor("log", -10, true)).toBe(1);
});
