import { expect, test } from "vitest";
import { decideRestart } from "./restart-budget.ts";

const POLICY = { budget: 3, windowMs: 1000, firstDelayMs: 10, maxDelayMs: 35 };

test("the pause doubles with each restart of the window, up to its limit", () => {
  const delays = [[], [0], [0, 1]].map((earlier) => decideRestart(earlier, 2, { ...POLICY, budget: 9 }));
  expect(delays).toEqual([
    { kind: "restart", delayMs: 10, attempt: 1 },
    { kind: "restart", delayMs: 20, attempt: 2 },
    { kind: "restart", delayMs: 35, attempt: 3 },
  ]);
});

test("a spent budget gives up", () => {
  expect(decideRestart([1, 2, 3], 4, POLICY)).toEqual({ kind: "give-up" });
});

test("restarts that lie before the window do not count", () => {
  expect(decideRestart([1, 2, 3], 1002, POLICY)).toMatchObject({ kind: "restart" });
});
