import { expect, test } from "vitest";
import { page } from "./page.ts";
import { type DriverRow, type Footprint, judge, type MemoryTable } from "./rows.ts";

const table = (pssMb: number, rssMb: number): MemoryTable => ({
  parts: [{ part: "postgres", processes: 9, pssMb: 100, rssMb: 400 }],
  total: { part: "total", processes: 13, pssMb, rssMb },
});
const row = (idle: MemoryTable, fleet: DriverRow["fleet"]): DriverRow => ({
  starts: { fromZeroMs: 31_000, warmRestartMs: 12_340, againMs: 5_000, downMs: 2_000 },
  limit: { withinMib: 896, outOfMemoryKills: 0 },
  idle: { ...idle, afterSeconds: 60 },
  fleet,
  images: { notMeasured: "services are processes here" },
});
const fleetOf = (minutes: number, pssMb: number, rssMb = 1_500) => ({
  ...table(pssMb, rssMb),
  minutes,
  agents: 8,
  highestPssMb: 1_000,
  deeds: { next: 12 },
});
const none = { notMeasured: "no engine answers" };
const resultOf = (drivers: Footprint["drivers"]): Footprint => ({
  schema: "muster.footprint/1",
  size: "default",
  at: "2026-11-30T00:00:00.000Z",
  commit: "abc1234",
  machine: "2 cores",
  load: 0.1,
  drivers,
  verdicts: judge(drivers),
});

test("floors are judged by RSS as they are written, and by PSS beside it", () => {
  const verdicts = (idle: MemoryTable, fleet: DriverRow["fleet"]) =>
    judge({ embedded: row(idle, fleet), compose: none }).map(({ isMet, isMetByPss }) => [isMet, isMetByPss]);
  const unknown = [null, null];
  // A floor is not met by what PSS alone would say of it.
  expect(verdicts(table(747, 1_092), fleetOf(30, 1_000))).toEqual([[false, true], [false, true], unknown, unknown]);
  expect(verdicts(table(700, 900), fleetOf(30, 1_101))).toEqual([[true, true], [false, false], unknown, unknown]);
  expect(verdicts(table(901, 901), fleetOf(30, 1, 1_100))).toEqual([[false, false], [true, true], unknown, unknown]);
});

test("a fleet that was shorter, or not asked for, gives no verdict and says why", () => {
  const because = (fleet: DriverRow["fleet"]) => judge({ embedded: row(table(1, 1), fleet), compose: none })[1];
  expect(because(fleetOf(2, 1))).toMatchObject({
    isMet: null,
    isMetByPss: null,
    because: "the fleet lasted 2 minutes",
  });
  expect(because({ notMeasured: "not asked for" })).toMatchObject({ isMet: null, because: "not asked for" });
});

test("the page shows what was measured, what was missed, and why the rest was not", () => {
  const text = page(resultOf({ embedded: row(table(783, 1_145), fleetOf(30, 1_200)), compose: none }));
  expect(text).toContain("| embedded: whole stack, idle | ≤ 900 MB | 1145 | **missed** | 783 | met |");
  expect(text).toContain(
    "| embedded: whole stack, after a fleet of 30 minutes | ≤ 1100 MB | 1500 | **missed** | 1200 | **missed** |",
  );
  const because = "not measured: no engine answers";
  expect(text).toContain(`| compose: whole stack, idle | ≤ 900 MB | – | ${because} | – | ${because} |`);
  expect(text).toContain("| 31.0 s | 2.0 s | 12.3 s | 5.0 s |");
  expect(text).toContain("## compose\n\nNot measured: no engine answers.\n");
  expect(text).toContain("Deeds: next 12.");
  expect(text).toContain(
    "Kept in 896 MiB, page cache and all, without swap; processes that the kernel ended for memory: 0.",
  );
});
