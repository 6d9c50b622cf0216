import { expect, test } from "vitest";
import { parseProcessStat } from "./process-table.ts";

const FIELDS_AFTER_NAME =
  "S 1 812 812 0 -1 4194560 1001 0 0 0 3 1 0 0 20 0 1 0 217346 24084480 5880 18446744073709551615";

test("the start time is read past a command name that holds spaces and parentheses", () => {
  const stat = parseProcessStat(`812 (node (a) b) ${FIELDS_AFTER_NAME}`);
  expect(stat).toEqual({ state: "S", parentPid: 1, processGroup: 812, startTicks: 217346 });
});

test("a text without a command name names no process", () => {
  expect(parseProcessStat("")).toBeNull();
});
