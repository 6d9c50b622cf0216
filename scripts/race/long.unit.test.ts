import { expect, test } from "vitest";
import { type LongOptions, runLong } from "./long.ts";
import { page, reachesGoal } from "./page.ts";
import { GOAL, partsOf } from "./parts.ts";
import type { RaceOutcome } from "./race.ts";

const outcome: RaceOutcome = {
  attempts: 100,
  seconds: 2,
  winners: { "1": 10 },
  violations: [],
  errors: { MUSTER_CLAIM_CONFLICT: 90 },
  winsByDoor: { sql: 10 },
  attemptsByDoor: { sql: 100 },
};
const run = (more: Partial<LongOptions>) =>
  runLong({ attempts: 250, minutes: 1, race: async () => outcome, progress: () => {}, ...more });

test("a long run ends with the race that reaches its attempts, and adds up what each said", async () => {
  const told: number[] = [];
  const sum = await run({ progress: ({ attempts }) => told.push(attempts) });
  expect(told).toEqual([100, 200, 300]);
  expect(sum).toMatchObject({ rounds: 3, attempts: 300, seconds: 6, winners: { "1": 30 }, winsByDoor: { sql: 30 } });
  expect(sum.errors).toEqual({ MUSTER_CLAIM_CONFLICT: 270 });
});

test("a long run ends with the first race that is not sound", async () => {
  const sum = await run({
    race: async (round) => (round === 2 ? { ...outcome, violations: ["I1: task has two leases"] } : outcome),
  });
  expect(sum).toMatchObject({ rounds: 2, attempts: 200, violations: ["I1: task has two leases"] });
});

test("no race starts when the time is up", async () => {
  expect(await run({ minutes: 0 })).toMatchObject({ rounds: 0, attempts: 0 });
});

const wanted = { http: { attempts: GOAL.http, racers: 16 }, sql: { attempts: 950_000, racers: 32 } };

test("a part without a door of its own, or of which nothing is wanted, is none", () => {
  const names = (...args: Parameters<typeof partsOf>) => partsOf(...args).map(({ name }) => name);
  expect(names(["rest", "sql"], wanted)).toEqual(["http", "sql"]);
  expect(names(["graphql", "sql-next"], wanted)).toEqual(["http"]);
  expect(names(["rest", "sql"], { ...wanted, http: { attempts: 0, racers: 16 } })).toEqual(["sql"]);
});

test("the page says whether the goal was reached, on what, and each violation", () => {
  const parts = partsOf(["rest", "sql"], wanted);
  const resultOf = (http: number, sql: number, violations: readonly string[] = []) => ({
    at: "2026-11-30T08:00:00.000Z",
    commit: "abc1234 with changes",
    machine: "2 × Some CPU",
    load: 0.4,
    loadAfter: 3.2,
    seed: 7,
    peakRssMb: 180,
    parts: parts.map((part) => ({
      part,
      outcome: { ...outcome, violations, rounds: 5, wallSeconds: 60, attempts: part.name === "http" ? http : sql },
    })),
  });
  const reached = page(resultOf(50_000, 950_000));
  expect(reached).toContain("1,000,000 attempts, 50,000 of them through doors that speak HTTP: **reached**");
  expect(reached).toContain("seed 7, at abc1234 with changes; 2 × Some CPU; load 0.4 before, 3.2 after");
  expect(reached).toContain("never had more than 180 MB");
  expect(reached).not.toContain("## Violations");
  // A million in all, and too few over HTTP; enough over HTTP, and no million.
  expect(reachesGoal(resultOf(49_999, 2_000_000))).toBe(false);
  expect(reachesGoal(resultOf(60_000, 900_000))).toBe(false);
  const broken = page(resultOf(1_600, 12_800, ["I1: task has two leases"]));
  expect(broken).toContain("**not reached**");
  expect(broken).toContain("- I1: task has two leases");
});
