import { expect, test } from "vitest";
import { faultsOf, type HarmPart, unmeasuredOf } from "./verdict.ts";

const sound: HarmPart & { kind: "kill" } = {
  kind: "kill",
  seed: 1,
  rounds: 25,
  kills: { write: 8, compaction: 8, swap: 9 },
  caught: { draft: 3, unswapped: 1, tornLog: 1, unanswered: 20 },
  harmed: 12,
  full: { rounds: 7, refused: 2 },
  documents: 230,
  acknowledged: { lessons: 3, entries: 4 },
  tasks: 12,
  healing: { asked: 60, found: 50 },
  faults: [],
  readyMs: { p50: 900, max: 1_500 },
  readyCpuMs: { p50: 800, max: 1_200 },
  slowerThan5s: 0,
};

test("a campaign without a fault says nothing when what it is about never happened", () => {
  expect(unmeasuredOf([sound])).toEqual([]);
  expect(unmeasuredOf([{ ...sound, full: null }])).toEqual([expect.stringContaining("full disk")]);
  expect(unmeasuredOf([{ ...sound, tasks: null, harmed: 0 }])).toHaveLength(2);
  expect(unmeasuredOf([{ ...sound, kills: { ...sound.kills, swap: 0 } }])).toEqual(["a kill in the middle of a swap"]);
  // One part saw it: the campaign has.
  expect(unmeasuredOf([{ ...sound, full: null }, sound])).toEqual([]);
  expect(unmeasuredOf([{ kind: "restart", restarts: 5, falseReds: [], badExits: [] }])).toEqual([]);
});

test("what was lost, a start over its floor, a false red and a bad exit are faults, and nothing else is", () => {
  expect(faultsOf([sound])).toEqual([]);
  expect(faultsOf([{ ...sound, faults: ["round 3: lost"] }])).toEqual(["round 3: lost"]);
  const slow = { ...sound, slowerThan5s: 2, readyMs: { p50: 900, max: 6_100 } };
  expect(faultsOf([slow])).toEqual([expect.stringMatching(/^2 starts took longer than 5000 ms .* up to 6100 ms$/)]);
  const restarts: HarmPart = { kind: "restart", restarts: 5, falseReds: ["1: red"], badExits: ["2: exit 1"] };
  expect(faultsOf([restarts])).toEqual(["1: red", "2: exit 1"]);
});
