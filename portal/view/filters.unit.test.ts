import { expect, test } from "vitest";
import { boardPath, isFiltered, parseFilter } from "./filters.ts";

test("filters are read from the address and written back to it", () => {
  const filter = parseFilter({ phase: "P4", agent: "a b", theme: "paper" });
  expect(boardPath(filter)).toBe("/board?phase=P4&agent=a%20b");
  expect(isFiltered(filter)).toBe(true);
});

test("a repeated, empty or endless value is no filter", () => {
  const filter = parseFilter({ phase: ["P1", "P2"], agent: "", family: "x".repeat(65) });
  expect([boardPath(filter), isFiltered(filter)]).toEqual(["/board", false]);
});
