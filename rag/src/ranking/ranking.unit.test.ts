import { expect, test } from "vitest";
import { phraseJudge } from "./exact-match.ts";
import { spreadHits } from "./spread-hits.ts";
import { surenessOf, weightOfMeaning } from "./weigh-legs.ts";

test("a question whose words are all found leans on words, one whose words are not leans on meaning", () => {
  const weights = new Map([
    ["pool", 1],
    ["size", 1],
  ]);
  const fusion = { sure: 0.2, unsure: 0.6 };
  const sureness = (best: number): number => surenessOf(best, weights, () => 2);
  expect(weightOfMeaning(fusion, sureness(4))).toBeCloseTo(0.2);
  expect(weightOfMeaning(fusion, sureness(9))).toBeCloseTo(0.2);
  expect(weightOfMeaning(fusion, sureness(2))).toBeCloseTo(0.4);
  expect(weightOfMeaning(fusion, sureness(0))).toBeCloseTo(0.6);
  expect(surenessOf(0, new Map(), () => 1)).toBe(0);
});

test("what says the same as a better hit falls behind another that is nearly as good, and the first stays first", () => {
  const hit = (score: number, about: string) => ({ score, about });
  const hits = [hit(1, "a"), hit(0.95, "a"), hit(0.8, "b"), hit(0.1, "c")];
  const spread = spreadHits(hits, (one, other) => (one.about === other.about ? 1 : 0));
  expect(spread.map(({ score }) => score)).toEqual([1, 0.8, 0.95, 0.1]);
  expect(spreadHits(hits, () => 0)).toEqual(hits);
});

test("a phrase is found whatever its case and white space, and its signs stand for themselves", () => {
  expect(phraseJudge("FATAL: sorry (a.b) [x]", false)?.("… fatal:  sorry\n(A.b) [x].")).toBe(true);
  expect(phraseJudge("FATAL: sorry (a.b)", false)?.("fatal: sorry (aXb)")).toBe(false);
  expect(phraseJudge("word", false)).toBeNull();
  expect(phraseJudge("PAY-311", true)?.("see pay-311")).toBe(true);
});
