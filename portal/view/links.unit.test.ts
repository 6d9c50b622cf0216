import { expect, test } from "vitest";
import { linkWith, parseNumber, parseTheme, receiptRef, replayPath } from "./links.ts";

test("without a choice of theme links are plain", () => {
  expect(linkWith(null)("/tasks/65")).toBe("/tasks/65");
});

test("a chosen theme is kept, before the fragment and beside a query", () => {
  const to = linkWith("console");
  expect([to("/"), to("/board#done"), to("/board?phase=P4")]).toEqual([
    "/?theme=console",
    "/board?theme=console#done",
    "/board?phase=P4&theme=console",
  ]);
});

test("only the two themes are themes", () => {
  expect([parseTheme("paper"), parseTheme("console"), parseTheme("dark"), parseTheme(null)]).toEqual([
    "paper",
    "console",
    null,
    null,
  ]);
});

test.each([
  ["65", 65],
  ["r-0041", null],
  ["0", null],
  ["-1", null],
  ["1e3", null],
  ["9999999999", null],
  ["65 or 1=1", null],
])("the address %s is task %s", (value, number) => {
  expect(parseNumber(value)).toBe(number);
});

test("a receipt is found by its number and by its name", () => {
  expect([parseNumber("41", "r-"), parseNumber("r-0041", "r-")]).toEqual([41, 41]);
  expect(receiptRef(41)).toBe("r-0041");
});

test("a page of a replay is told anew by its instant, and by none", () => {
  const at = "2026-11-22T19:41:00Z";
  expect(replayPath("/list?q=a&at=2001-01-01T00:00:00Z", at, null)).toBe("/list?q=a&at=2026-11-22T19%3A41%3A00Z");
  expect(replayPath("/receipts/3?at=2001-01-01T00:00:00Z", null, "console")).toBe("/receipts/3?theme=console");
  expect(replayPath("/receipts/3?at=2001-01-01T00:00:00Z", null, null)).toBe("/receipts/3");
});
