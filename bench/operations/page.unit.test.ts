import { expect, test } from "vitest";
import { page } from "./page.ts";
import { type DriverRow, keptRow, type Operations, toSeconds } from "./rows.ts";

const row: DriverRow = {
  board: { tasks: 100_040, claims: 180_000, notes: 60_000, verifications: 75_000, events: 700_123, databaseMb: 1_234 },
  backup: { dumpSeconds: 21.3, provingSeconds: 64, rows: 1_200_000, sizeMb: 310.26 },
  verifySeconds: 65.1,
  restore: { seconds: 301, down: { postgres: 3.4, directus: 12, rag: 6.1, portal: 9.9 } },
  rotations: [
    { secret: "agent-a01", seconds: 1.1, down: {} },
    { secret: "rag_key", seconds: 9, down: { rag: 2.5, portal: 0 } },
  ],
  upgrade: { seconds: 140, down: { postgres: 0, directus: 8.2, rag: 3, portal: 2.2 } },
  rollback: { seconds: 99, down: { postgres: 4, directus: 95, rag: 95, portal: 95 } },
};
const resultOf = (drivers: Operations["drivers"]): Operations => ({
  schema: "muster.operations/1",
  at: "2026-11-30T00:00:00.000Z",
  commit: "abc1234",
  machine: "2 cores",
  load: 0.1,
  drivers,
});
const none = { notMeasured: "no engine answers" };

test("the page says on what board, and for each verb how long it took and for how long each service was away", () => {
  const text = page(resultOf({ embedded: row, compose: none }));
  expect(text).toContain("`npm run bench:operations` at abc1234; 2 cores; load 0.1 before.");
  expect(text).toContain(
    "A board of 100,040 tasks with 180,000 claims, 75,000 verdicts, 60,000 notes and 700,123 events",
  );
  expect(text).toContain("| create: saved | 21.3 s |\n| create: proven | 64.0 s |\n| verify | 65.1 s |");
  expect(text).toContain("The backup holds 1,200,000 rows in 310.3 MB.");
  expect(text).toContain("| verb | seconds in all | postgres away | directus away | rag away | portal away |");
  expect(text).toContain(
    "| restore, with the safety backup and its proof | 301.0 s | 3.4 s | 12.0 s | 6.1 s | 9.9 s |",
  );
});

test("a service that a rotation leaves alone has a dash, one that was watched and never away has zero", () => {
  const text = page(resultOf({ embedded: row, compose: none }));
  expect(text).toContain("| secrets rotate agent-a01 | 1.1 s | – | – | – | – |");
  expect(text).toContain("| secrets rotate rag_key | 9.0 s | – | – | 2.5 s | 0.0 s |");
});

test("a driver that was not measured says why", () => {
  expect(page(resultOf({ embedded: row, compose: none }))).toContain(
    "## compose\n\nNot measured: no engine answers.\n",
  );
});

test("a run of one driver keeps the other's row of the same commit, and no row of another commit", () => {
  const known = resultOf({ embedded: row, compose: none });
  expect(keptRow(known, "embedded", "abc1234")).toBe(row);
  expect(keptRow(known, "embedded", "def5678")).toEqual({ notMeasured: "asked for by --driver embedded" });
  expect(keptRow(null, "compose", "abc1234")).toEqual({ notMeasured: "asked for by --driver compose" });
});

test("seconds have one decimal", () => {
  expect([toSeconds(1_249), toSeconds(1_250), toSeconds(40)]).toEqual([1.2, 1.3, 0]);
});
