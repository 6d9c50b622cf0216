import { expect, test } from "vitest";
import { type ClaimCost, outputOf, totalCost } from "./cost.ts";

const ended = new Date(0);
const claim = (facts: Partial<ClaimCost>): ClaimCost => ({
  ended_at: ended,
  outcome: null,
  tokens_in: null,
  tokens_out: null,
  cost_usd: null,
  ...facts,
});

test("only what nobody can use counts as discarded", () => {
  const outcomes = ["accepted", "rework", "expired", "discarded", "duplicate", "superseded", null] as const;
  expect(outcomes.map((outcome) => outputOf(claim({ outcome })))).toEqual([
    "kept",
    "kept",
    "discarded",
    "discarded",
    "discarded",
    "discarded",
    "kept",
  ]);
  expect(outputOf(claim({ ended_at: null }))).toBe("open");
});

test("the total names the share of tokens that was thrown away", () => {
  const claims = [
    claim({ outcome: "expired", tokens_in: 20, tokens_out: 5, cost_usd: 0.5 }),
    claim({ outcome: "accepted", tokens_in: 75, cost_usd: 1 }),
    claim({ outcome: "expired" }),
  ];
  expect(totalCost(claims)).toEqual({ tokens: 100, usd: 1.5, discardedPercent: 25 });
});

test("without a count there is no total", () => {
  expect(totalCost([claim({})])).toBeNull();
});
