import { expect, test } from "vitest";
import { page } from "./page.ts";
import { type DriverRow, type Footprint, judge, type MemoryTable } from "./rows.ts";

const table = (pssMb: number, rssMb: number): MemoryTable => ({
  parts: [{ part: "postgres", processes: 9, pssMb: 100, rssMb: 400 }],
  total: { part: "total", processes: 13, pssMb, rssMb },
});
const row = (idle: MemoryTable, fleet: DriverRow["fleet"]): DriverRow => ({
  starts: { fromZeroMs: 31_000, warmRestartMs: 12_340, againMs: 5_000, downMs: 2_000 },
  idle: { ...idle, afterSeconds: 60 },
  fleet,
  images: { notMeasured: "services are processes here" },
});
const fleetOf = (minutes: number, pssMb: number) => ({
  ...table(pssMb, 1_500),
  minutes,
  agents: 8,
  highestPssMb: 1_000,
  deeds: { next: 12 },
});
const none = { notMeasured: "no engine answers" };
const resultOf = (drivers: Footprint["drivers"]): Footprint => ({
  schema: "muster.footprint/1",
  at: "2026-11-30T00:00:00.000Z",
  commit: "abc1234",
  machine: "2 cores",
  load: 0.1,
  drivers,
  verdicts: judge(drivers),
});

test("floors are judged by PSS, RSS beside it, and what is over its floor is called missed", () => {
  const met = judge({ embedded: row(table(900, 1_145), fleetOf(30, 1_101)), compose: none });
  expect(met.map(({ met: isMet, pssMb, rssMb }) => [isMet, pssMb, rssMb])).toEqual([
    [true, 900, 1_145],
    [false, 1_101, 1_500],
    [null, null, null],
    [null, null, null],
  ]);
  expect(judge({ embedded: row(table(901, 1_000), fleetOf(30, 1)), compose: none })[0]?.met).toBe(false);
});

test("a fleet that was shorter, or not asked for, gives no verdict and says why", () => {
  const because = (fleet: DriverRow["fleet"]) => judge({ embedded: row(table(1, 1), fleet), compose: none })[1];
  expect(because(fleetOf(2, 1))).toMatchObject({ met: null, because: "the fleet lasted 2 minutes" });
  expect(because({ notMeasured: "not asked for" })).toMatchObject({ met: null, because: "not asked for" });
});

test("the page shows what was measured, what was missed, and why the rest was not", () => {
  const text = page(resultOf({ embedded: row(table(783, 1_145), fleetOf(30, 1_200)), compose: none }));
  expect(text).toContain("| embedded: whole stack, idle | ≤ 900 MB | 783 | 1145 | met |");
  expect(text).toContain(
    "| embedded: whole stack, after a fleet of 30 minutes | ≤ 1100 MB | 1200 | 1500 | **missed** |",
  );
  expect(text).toContain("| 31.0 s | 2.0 s | 12.3 s | 5.0 s |");
  expect(text).toContain("## compose\n\nNot measured: no engine answers.\n");
  expect(text).toContain("Deeds: next 12.");
});
