import { expect, test } from "vitest";
import { fixtureResult } from "../../../test/support/fixture-check.ts";
import type { CheckResult } from "./check.ts";
import { exitOf, summarise } from "./summary.ts";

const all = (...statuses: readonly CheckResult["status"][]) =>
  statuses.map((status, index) => fixtureResult({ id: `PG-0${index + 1}`, status }));
const impostor = fixtureResult({ id: "ID-03", status: "fail", verdict: "IMPOSTOR" });
const stranger = fixtureResult({ id: "ID-02", status: "fail", verdict: "WRONG_INSTANCE" });
const silent = fixtureResult({ id: "ID-01", status: "fail", verdict: "UNREACHABLE" });

test("counts broken checks as red, and names the first red one as the cause", () => {
  expect(summarise(all("pass", "warn", "error", "fail", "info", "skip"))).toEqual({
    pass: 1,
    fail: 2,
    warn: 1,
    info: 1,
    skip: 1,
    firstCause: "PG-03",
  });
});

test("has no first cause when nothing is red", () => {
  expect(summarise(all("pass", "skip")).firstCause).toBeNull();
});

test.each([
  ["green", all("pass", "info", "skip"), false, 0],
  ["green under --strict with info and skips", all("pass", "info", "skip"), true, 0],
  ["green with warnings", all("pass", "warn"), false, 0],
  ["warnings under --strict", all("pass", "warn"), true, 4],
  ["red", all("pass", "fail"), false, 3],
  ["red over warnings under --strict", all("warn", "fail"), true, 3],
  ["a check that broke", all("pass", "error"), false, 3],
  ["a board without a check", [], false, 3],
  ["a board where nothing ran", all("skip", "skip"), false, 3],
  ["a board where nothing ran, under --strict", all("skip"), true, 3],
  ["a board where one known limit was said and the rest skipped", all("skip", "info"), true, 0],
  ["an impostor over red", [...all("fail"), impostor], false, 10],
  ["another instance over red and warnings", [...all("fail", "warn"), stranger], true, 10],
  ["a service that does not answer is red, not a stranger", [silent], false, 3],
] as const)("exits with the code for %s", (_name, results, strict, exit) => {
  expect(exitOf(results, strict)).toBe(exit);
});
