import { expect, test } from "vitest";
import { type WalkSource, walkOf } from "./receipt-walk.ts";

const NOTHING: WalkSource = {
  symptom: null,
  board_row: null,
  verifier_claim: null,
  caught_by: null,
  closing_note: null,
  fix_commit: null,
  steps: [],
};

test("the steps stand in their order, however they were written, and an unknown one is left out", () => {
  const steps = ["fix_commit", "symptom", "applause"].map((name) => ({ name, at: null, text: name }));
  expect(walkOf({ ...NOTHING, steps }).map(({ name }) => name)).toEqual(["symptom", "fix_commit"]);
});

test("a receipt without steps walks along its own columns, and what nobody wrote is not made up", () => {
  const walk = walkOf({ ...NOTHING, symptom: "Green for the wrong reason.", caught_by: "", closing_note: "Found." });
  expect(walk.map(({ title, text }) => `${title}: ${text}`)).toEqual([
    "The symptom: Green for the wrong reason.",
    "Closing note: Found.",
  ]);
});
