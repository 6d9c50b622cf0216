import { expect, test } from "vitest";
import { formatAge, formatClock, formatDate, formatDuration, formatMoment, secondsBetween } from "./times.ts";

test.each([
  [0, "0 s"],
  [59.4, "59 s"],
  [60, "1 m 00 s"],
  [250, "4 m 10 s"],
  [3_599, "59 m 59 s"],
  [3_600, "1 h 00 m"],
  [90_061, "1 d 01 h"],
  [-5, "0 s"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [41, "41 s"],
  [2_460, "41 m"],
  [86_399, "23 h"],
  [172_800, "2 d"],
])("an age of %d seconds is %s", (seconds, text) => {
  expect(formatAge(seconds)).toBe(text);
});

test("instants are written in UTC, whatever the machine's zone", () => {
  const instant = new Date("2026-11-22T23:59:58-05:00");
  expect([formatDate(instant), formatClock(instant)]).toEqual(["23 Nov 2026", "04:59:58"]);
});

test("a moment of another day names the day, one of today the clock", () => {
  const now = new Date("2026-11-22T00:10:00Z");
  expect(formatMoment(new Date("2026-11-22T00:01:02Z"), now)).toBe("00:01:02");
  expect(formatMoment(new Date("2026-11-21T23:59:00Z"), now)).toBe("21 Nov");
});

test("time never runs backwards", () => {
  expect(secondsBetween(new Date(5_000), new Date(1_000))).toBe(0);
});
