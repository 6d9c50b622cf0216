import { expect, it } from "vitest";
import type { CheckResult } from "./check.ts";
import { mergeReport } from "./report.ts";

const known = ["HOST-01", "PG-01", "PG-02"];
const result = (id: string, status: CheckResult["status"]): CheckResult => ({
  id,
  title: id,
  status,
  severity: "error",
  evidence: "seen",
  verdict: null,
  expected: null,
  actual: null,
  ms: 3,
  fix: null,
});
const first = { at: new Date("2026-11-22T10:00:00Z"), tookMs: 12.4, known };
const later = { at: new Date("2026-11-22T11:00:00Z"), tookMs: 2, known };

it("keeps the age of what a partial run did not look at", () => {
  const before = mergeReport(
    null,
    known.map((id) => result(id, "pass")),
    first,
  );
  const after = mergeReport(before, [result("PG-01", "fail")], later);
  expect(after.checks.map(({ id, status, at }) => [id, status, at.slice(11, 13)])).toEqual([
    ["HOST-01", "pass", "10"],
    ["PG-01", "fail", "11"],
    ["PG-02", "pass", "10"],
  ]);
});

it("drops a check that no longer exists", () => {
  const before = mergeReport(null, [result("PG-01", "pass")], first);
  expect(mergeReport(before, [], { ...later, known: ["PG-02"] }).checks).toEqual([]);
});

it("believes a process for a shorter time than a machine", () => {
  const { checks } = mergeReport(null, [result("HOST-01", "pass"), result("PG-01", "pass")], first);
  expect(checks[0]?.ttl_s).toBeGreaterThan(checks[1]?.ttl_s ?? Number.POSITIVE_INFINITY);
});
