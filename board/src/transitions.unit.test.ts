import { expect, test } from "vitest";
import { TASK_STATUSES, TRANSITION_GUARDS, TRANSITIONS } from "./transitions.ts";

test("each actor has at most one way from one status to another", () => {
  const keys = TRANSITIONS.map(({ from, to, who }) => `${from} ${to} ${who}`);
  expect(new Set(keys).size).toBe(keys.length);
});

test("every status can be reached and, unless it waits for a person or is over, left by an agent", () => {
  for (const status of TASK_STATUSES) {
    expect(
      TRANSITIONS.some(({ to }) => to === status),
      status,
    ).toBe(true);
    expect(
      TRANSITIONS.some(({ from }) => from === status),
      status,
    ).toBe(true);
  }
});

test("every guard is used", () => {
  const used = new Set(TRANSITIONS.flatMap(({ guards }) => guards));
  expect([...used].sort()).toEqual(Object.keys(TRANSITION_GUARDS).sort());
});

test("only a verdict leads to done, and it needs evidence from another author", () => {
  for (const { to, guards } of TRANSITIONS) {
    if (to === "done") expect(guards).toEqual(expect.arrayContaining(["evidence", "other_author"]));
  }
});
