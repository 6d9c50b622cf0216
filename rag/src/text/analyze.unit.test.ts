import { expect, test } from "vitest";
import { analyze } from "./analyze.ts";

test.each([
  ["The ports were taken", ["port", "taken"]],
  ["claim_epoch", ["=claim_epoch", "claim", "epoch"]],
  ["claimEpoch", ["=claimepoch", "claim", "epoch"]],
  ["bring-up v1.2.3.", ["=bring-up", "bring", "=v1.2.3", "v1", "2", "3"]],
  ["see cli/src/main.ts:12", ["see", "=cli/src/main.ts:12", "cli", "src", "main", "ts", "12"]],
  ["#31 PAY-311 9f3c2ab", ["=#31", "31", "=pay-311", "pai", "311", "=9f3c2ab", "9f3c2ab"]],
  ["Zürich 漢字", ["zürich", "漢字"]],
  ["... --- !!!", []],
])("%s", (text, terms) => {
  expect(analyze(text)).toEqual(terms);
  // Told from memory this time.
  expect(analyze(text)).toEqual(terms);
});

test("stop words give no term, and forms of one word give the same", () => {
  expect(analyze("it is in the of")).toEqual([]);
  expect(analyze("verified verifies verifying")).toEqual(Array(3).fill("verifi"));
});

test("a run of encoded data cannot fill the dictionary", () => {
  expect(Math.max(...analyze("A1".repeat(5_000)).map((term) => term.length))).toBeLessThanOrEqual(65);
});
