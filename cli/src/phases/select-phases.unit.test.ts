import { expect, test } from "vitest";
import { selectPhases } from "./select-phases.ts";

test("selects every phase in boot order when nothing is said", () => {
  expect(selectPhases({})).toEqual(["init", "up", "migrate", "seed", "wire", "doctor"]);
});

test.each([
  [{ only: "seed" }, ["seed"]],
  [{ from: "seed" }, ["seed", "wire", "doctor"]],
  [{ to: "up" }, ["init", "up"]],
  [{ from: "up", to: "migrate" }, ["up", "migrate"]],
  [{ from: "wire", to: "wire" }, ["wire"]],
] as const)("selects %j as %j", (selection, phases) => {
  expect(selectPhases(selection)).toEqual(phases);
});

test.each([
  [{ only: "up", from: "init" }, "cannot be combined"],
  [{ only: "up", to: "seed" }, "cannot be combined"],
  [{ from: "seed", to: "up" }, "--from seed comes after --to up"],
] as const)("refuses %j", (selection, words) => {
  expect(() => selectPhases(selection)).toThrow(expect.objectContaining({ code: "USAGE_INVALID", exit: 2 }));
  expect(() => selectPhases(selection)).toThrow(words);
});
