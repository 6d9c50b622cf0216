import { expect, test } from "vitest";
import { socketPathIn } from "./socket-path.ts";

const NAME_BYTES = "/supervisor.sock".length;

test("a path of 107 bytes is taken and one of 108 is not", () => {
  expect(socketPathIn(`/${"a".repeat(106 - NAME_BYTES)}`)).toHaveLength(107);
  expect(socketPathIn(`/${"a".repeat(107 - NAME_BYTES)}`)).toBeNull();
});

test("bytes count, not characters", () => {
  expect(socketPathIn(`/${"ä".repeat(60)}`)).toBeNull();
});
