import { expect, test } from "vitest";
import { formatDuration } from "./duration.ts";

test.each([
  [0, "0.0 s"],
  [449, "0.4 s"],
  [12_300, "12.3 s"],
  [59_949, "59.9 s"],
  [59_950, "1 m 00 s"],
  [60_000, "1 m 00 s"],
  [119_600, "2 m 00 s"],
  [131_000, "2 m 11 s"],
  [3_725_000, "62 m 05 s"],
])("writes %i ms as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
