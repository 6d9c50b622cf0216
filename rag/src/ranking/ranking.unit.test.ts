import { expect, test } from "vitest";
import { type CountedTerms, countTerms, RecentCounts } from "./count-terms.ts";
import { phraseJudge } from "./exact-match.ts";
import { expand } from "./expand-query.ts";
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

test("a question gets the telling words of its first answers, of the better one more, and no name that stands in them", () => {
  const asked = new Map([["lease", 1]]);
  const answer = (score: number, ...terms: string[]) => ({ score, counted: countTerms(terms) });
  const passages = [
    answer(3, "lease", "fence", "fence", "=pay-311", "common"),
    answer(1, "lease", "epoch", "epoch", "epoch", "common"),
  ];
  const widened = expand(asked, passages, (term) => (term === "common" ? 0 : 2));
  expect([...widened.keys()].sort()).toEqual(["common", "epoch", "fence", "lease"]);
  const [fence = 0, epoch = 0] = [widened.get("fence"), widened.get("epoch")];
  // Two of five terms at three times the worth, beside three of five.
  expect(fence / epoch).toBeCloseTo(2);
  expect(widened.get("common")).toBe(0);
  expect([...widened.values()].reduce((sum, one) => sum + one, 0)).toBeCloseTo(1);
});

test("what was counted lately is not counted again, until more has been than is remembered", () => {
  const recent = new RecentCounts();
  const counted: number[] = [];
  const ask = (slot: number): CountedTerms =>
    recent.of(slot, () => {
      counted.push(slot);
      return countTerms([`t${slot}`]);
    });
  for (let slot = 0; slot < 1_024; slot++) ask(slot);
  expect([ask(0).terms, counted.length]).toEqual([["t0"], 1_024]);
  // One more than is remembered: that which was not asked for the longest goes, and it is not the first.
  ask(1_024);
  ask(0);
  expect(counted.length).toBe(1_025);
  ask(1);
  expect(counted.slice(1_024)).toEqual([1_024, 1]);
});
