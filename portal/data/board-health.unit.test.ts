import { expect, test } from "vitest";
import { problemOf } from "./board-health.ts";

const errorWith = (facts: object, message = "refused") => Object.assign(new Error(message), facts);

test.each([
  [{ code: "42703" }, "schema_unreadable"],
  [{ code: "42P01" }, "schema_absent"],
  [{ code: "42501" }, "right_missing"],
  [{ code: "28P01" }, "database_refused"],
  [{ code: "ECONNREFUSED", syscall: "connect" }, "database_unreachable"],
  [{ code: "57P03" }, "database_unreachable"],
  [{ code: "57014" }, "database_slow"],
  [{ code: "ENOENT", syscall: "open" }, "database_unconfigured"],
  [{ name: "ZodError" }, "database_unconfigured"],
  [{ code: "XX000" }, "board_unreadable"],
])("%j means %s", (facts, problem) => {
  expect(problemOf(errorWith(facts))).toBe(problem);
});

test("a connection that never came is an unreachable database", () => {
  expect(problemOf(errorWith({}, "timeout exceeded when trying to connect"))).toBe("database_unreachable");
});

test("a statement that nobody answered in time is a slow database, not one that is away", () => {
  expect(problemOf(errorWith({}, "Query read timeout"))).toBe("database_slow");
});
