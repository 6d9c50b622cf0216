import { expect, it } from "vitest";
import { burnLines, PARTS, stepPath } from "./burn.ts";

it("adds up what came and what was verified, and never falls", () => {
  const { created, verified } = burnLines([
    { part: 1, kind: "created", tasks: 5 },
    { part: 40, kind: "created", tasks: 2 },
    { part: PARTS + 1, kind: "verified", tasks: 3 },
  ]);
  expect([created[0], created[1], created.at(-1)]).toEqual([0, 5, 7]);
  expect([verified[PARTS - 1], verified.at(-1)]).toEqual([0, 3]);
});

it("draws steps that start at the floor and end at the top", () => {
  expect(stepPath([0, 1, 2], 2, 100, 10)).toBe("M0 10H50V5H100V0");
});
