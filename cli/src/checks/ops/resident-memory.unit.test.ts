import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { findUnsettled, isAtRest, judgeResident } from "./resident-memory.ts";

const floors = { residentAtRestMb: 858, residentAtWorkMb: 1049 };
const upSince = new Date("2026-11-30T10:00:00Z");
const quiet = { leases: 0, newestEvent: new Date("2026-11-30T09:00:00Z"), upSince, atWork: null, now: upSince };

test("a stack at rest is held to the floor at rest, one at work to its own", () => {
  expect(judgeResident(858, true, floors)).toMatchObject({ status: "pass" });
  expectRed("OPS-04", judgeResident(859, true, floors), /^859 of 858 MiB \(RSS\), at rest: /);
  expect(judgeResident(1049, false, floors)).toMatchObject({ status: "pass" });
  expectRed("OPS-04", judgeResident(1050, false, floors), /^1050 of 1049 MiB \(RSS\), at work$/);
});

test("it rests until somebody claims or writes after the services have started", () => {
  expect(isAtRest(quiet)).toBe(true);
  expect(isAtRest({ ...quiet, newestEvent: null })).toBe(true);
  expect(isAtRest({ ...quiet, leases: 1 })).toBe(false);
  expect(isAtRest({ ...quiet, newestEvent: new Date("2026-11-30T10:00:01Z") })).toBe(false);
});

test("nobody judges what a start takes", () => {
  const containers = [
    { service: "postgres", startedAt: "2026-11-30T09:00:00Z" },
    { service: "rag", startedAt: "2026-11-30T10:00:00Z" },
  ];
  expect(findUnsettled(containers, new Date("2026-11-30T10:01:59Z"))).toMatch(/^rag started less than 120 s ago/);
  expect(findUnsettled(containers, new Date("2026-11-30T10:02:00Z"))).toBeNull();
});
