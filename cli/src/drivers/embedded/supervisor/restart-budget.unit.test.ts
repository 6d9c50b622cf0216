import { expect, test } from "vitest";
import { configSchema } from "../../../config/schema.ts";
import { decideRestart, USUAL_RESTARTS } from "./restart-budget.ts";

const POLICY = { budget: 3, windowMs: 1000 };
const PAUSES = { firstMs: 10, longestMs: 35 };

test("the pause doubles with each restart of the window, up to its limit", () => {
  const delays = [[], [0], [0, 1]].map((earlier) => decideRestart(earlier, 2, POLICY, PAUSES));
  expect(delays).toEqual([
    { kind: "restart", delayMs: 10, attempt: 1 },
    { kind: "restart", delayMs: 20, attempt: 2 },
    { kind: "restart", delayMs: 35, attempt: 3 },
  ]);
});

test("a spent budget gives up, and one of none at the first end", () => {
  expect(decideRestart([1, 2, 3], 4, POLICY)).toEqual({ kind: "give-up" });
  expect(decideRestart([], 4, { ...POLICY, budget: 0 })).toEqual({ kind: "give-up" });
});

test("restarts that lie before the window do not count", () => {
  expect(decideRestart([1, 2, 3], 1002, POLICY)).toMatchObject({ kind: "restart" });
});

test("the settings' defaults are what a record without them is taken for", () => {
  const { restartBudget, restartWindowSeconds } = configSchema.parse({ stateDir: "/s", cacheDir: "/c", instance: "i" });
  expect({ budget: restartBudget, windowMs: restartWindowSeconds * 1000 }).toEqual(USUAL_RESTARTS);
});

test("a service that ends as it starts has failed within half a minute", () => {
  let now = 0;
  const restarts: number[] = [];
  for (;;) {
    const decision = decideRestart(restarts, now, USUAL_RESTARTS);
    if (decision.kind === "give-up") break;
    restarts.push(now);
    now += decision.delayMs;
  }
  expect([restarts.length, now]).toEqual([5, 7_750]);
});
