import { expect, test } from "vitest";
import { reasonOf } from "./reason-of.ts";

test("a failed fetch is told with what cut it", () => {
  expect(reasonOf(new TypeError("terminated", { cause: new Error("other side closed") }))).toBe(
    "terminated (other side closed)",
  );
});

test("a cause without words is told by its code", () => {
  const refused = Object.assign(new AggregateError([]), { code: "ECONNREFUSED" });
  expect(reasonOf(new TypeError("fetch failed", { cause: refused }))).toBe("fetch failed (ECONNREFUSED)");
});

test("what is said already is not said twice, and what is no error is said as it is", () => {
  expect(reasonOf(new Error("It failed: no route", { cause: new Error("no route") }))).toBe("It failed: no route");
  expect(reasonOf(new Error("alone"))).toBe("alone");
  expect(reasonOf("a word")).toBe("a word");
});
