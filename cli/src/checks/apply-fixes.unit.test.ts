import { expect, test } from "vitest";
import { fixtureCheck, fixtureResult } from "../../../test/support/fixture-check.ts";
import { recordingReporter } from "../../../test/support/recording-reporter.ts";
import { applyFixes } from "./apply-fixes.ts";

test("applies the repair of what is red or warns, says so, and leaves the rest alone", async () => {
  const applied: string[] = [];
  const mendable = (id: string) =>
    fixtureCheck({ id, fix: { summary: `mend ${id}`, apply: async () => void applied.push(id) } });
  const registry = [
    mendable("A-01"),
    mendable("A-02"),
    mendable("A-03"),
    mendable("A-04"),
    fixtureCheck({ id: "A-05" }),
  ];
  const results = (["pass", "fail", "warn", "skip", "fail"] as const).map((status, index) =>
    fixtureResult({ id: `A-0${index + 1}`, status }),
  );
  const reporter = recordingReporter();
  expect(await applyFixes(registry, results, null, reporter)).toBe(true);
  expect(applied).toEqual(["A-02", "A-03"]);
  expect(reporter.events).toEqual(["note fix  A-02  mend A-02", "note fix  A-03  mend A-03"]);
});

test("says that nothing was applied when no red check can be mended by itself", async () => {
  const results = [fixtureResult({ id: "A-01", status: "fail" })];
  expect(await applyFixes([fixtureCheck({ id: "A-01" })], results, null, recordingReporter())).toBe(false);
});
