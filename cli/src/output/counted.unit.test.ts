import { expect, test } from "vitest";
import { counted } from "./counted.ts";

test.each([
  [0, "0 settings"],
  [1, "1 setting"],
  [2, "2 settings"],
])("%i of them are %j", (count, said) => {
  expect(counted(count, "setting")).toBe(said);
});

test("a noun that takes more than an s brings its plural", () => {
  expect([counted(1, "copy", "copies"), counted(3, "copy", "copies")]).toEqual(["1 copy", "3 copies"]);
});
