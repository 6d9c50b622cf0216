import { expect, test } from "vitest";
import { causeOf } from "./cause.ts";

test("an error of several addresses says what each of them said", () => {
  const several = new AggregateError([
    new Error("connect ECONNREFUSED ::1:5432"),
    new Error("connect ECONNREFUSED 127.0.0.1:5432"),
  ]);
  expect(several.message).toBe("");
  expect(causeOf(several)).toMatchObject({
    message: "connect ECONNREFUSED ::1:5432, connect ECONNREFUSED 127.0.0.1:5432",
    cause: several,
  });
});

test("any other error is its own cause", () => {
  const one = new Error("it closed the connection");
  expect(causeOf(one)).toBe(one);
  expect(causeOf("nonsense").message).toBe("nonsense");
});
