import { expect, it } from "vitest";
import { formatRate, formatUsd, perTask } from "./rates.ts";

it.each([
  [0, "0.00"],
  [1.428, "1.43"],
  [0.004, "0.0040"],
])("writes %d dollars as %s", (usd, text) => {
  expect(formatUsd(usd)).toBe(text);
});

it("writes a rate in percent, and none as a dash", () => {
  expect([formatRate(0.0714), formatRate(0), formatRate(null)]).toEqual(["7.1\u00a0%", "0.0\u00a0%", "–"]);
});

it("knows no cost per task before a task was verified", () => {
  expect([perTask(3, 2), perTask(3, 0)]).toEqual([1.5, null]);
});
