import { expect, it } from "vitest";
import { choicesFor } from "./palette-choices.ts";
import { PLACES } from "./places.ts";

const first = (typed: string) => choicesFor(typed)[0]?.path;

it("offers every view before anything is typed", () => {
  expect(choicesFor("").map(({ path }) => path)).toEqual(PLACES.map(({ path }) => path));
});

it.each([
  ["cl", "/claims"],
  ["#65", "/tasks/65"],
  ["65", "/tasks/65"],
  ["r-0003", "/receipts/3"],
  ["r3", "/receipts/3"],
])("puts what %s means first", (typed, path) => {
  expect(first(typed)).toBe(path);
});

it("always offers to search for the words, safely written", () => {
  expect(choicesFor("a&b=c").map(({ path }) => path)).toEqual(["/list?q=a%26b%3Dc", "/memory?q=a%26b%3Dc"]);
});

it("offers no view that this portal does not have, and none of its rows", () => {
  const hidden = ["costs", "receipts"];
  expect(choicesFor("", hidden).map(({ path }) => path)).toEqual(
    PLACES.flatMap(({ key, path }) => (hidden.includes(key) ? [] : [path])),
  );
  expect(choicesFor("cost", hidden).map(({ path }) => path)).not.toContain("/costs");
  expect(choicesFor("3", hidden).map(({ path }) => path)).not.toContain("/receipts/3");
});

it("gives no two views one letter", () => {
  expect(new Set(PLACES.map(({ letter }) => letter)).size).toBe(PLACES.length);
});
