import { expect, test } from "vitest";
import { closest } from "./closest.ts";

const COMMANDS = ["up", "init", "migrate", "doctor", "logs", "status", "reset"];

test.each([
  ["dcotor", "doctor"],
  ["upp", "up"],
  ["stauts", "status"],
  ["lgos", "logs"],
  ["migrat", "migrate"],
])("takes %s for a slip of %s", (word, meant) => {
  expect(closest(word, COMMANDS)).toBe(meant);
});

test.each(["foo", "x", "deploy", "", "completely-different"])("finds nothing close to %j", (word) => {
  expect(closest(word, COMMANDS)).toBeNull();
});

test("prefers the nearest candidate over an earlier one", () => {
  expect(closest("ELK_OS_RAG_PROT", ["ELK_OS_TAG_PART", "ELK_OS_RAG_PORT"])).toBe("ELK_OS_RAG_PORT");
});

test("finds nothing among no candidates", () => {
  expect(closest("up", [])).toBeNull();
});
