import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { judgeRestarts } from "./keeps-ending.ts";

const NOW = new Date("2026-11-30T12:00:00.000Z");
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString();
const postgres = { service: "postgres", restarts: 0, startedAt: minutesAgo(600) } as const;
const directus = (restarts: number, age: number) =>
  ({ service: "directus", restarts, startedAt: minutesAgo(age) }) as const;

test("services that run pass with their counts, also one that ended often long ago or a few times now", () => {
  expect(judgeRestarts([postgres, directus(9, 1)], NOW)).toEqual({
    status: "pass",
    evidence: "restarts: postgres 0, directus 9",
  });
  expect(judgeRestarts([directus(30, 61)], NOW)).toMatchObject({ status: "pass" });
  expect(judgeRestarts([{ ...directus(30, 1), startedAt: null }], NOW)).toMatchObject({ status: "pass" });
});

test("one that ended ten times and again within the hour is red", () => {
  expectRed(
    "OPS-03",
    judgeRestarts([postgres, directus(10, 59)], NOW),
    /^directus was started again 10 times, last at 2026-11-30T11:01:00\.000Z$/,
  );
});
