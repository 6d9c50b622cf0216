import { describe, expect, it } from "vitest";
import { recordingReporter } from "../../../test/support/recording-reporter.ts";
import { loadConfig } from "../config/load.ts";
import { EXIT } from "../errors/catalog.ts";
import type { Suite, SuiteResult, SuiteRun } from "../suites/suite.ts";
import { test, testCommand } from "./test.ts";

interface RecordedSuite extends Suite {
  readonly runs: readonly SuiteRun[];
}

function suite(name: string, result: Partial<SuiteResult>): RecordedSuite {
  const runs: SuiteRun[] = [];
  return {
    name,
    runs,
    run: async (run) => {
      runs.push(run);
      return { passed: 0, failed: 0, skipped: 0, failures: [], skips: [], ...result };
    },
  };
}

async function run(suites: readonly Suite[], args: readonly string[] = [], options: Record<string, unknown> = {}) {
  const reporter = recordingReporter();
  const loaded = loadConfig({ environment: {}, isRoot: false });
  const signal = new AbortController().signal;
  const result = await testCommand(suites).run({ args, options, loaded, reporter, signal });
  return { ...result, events: reporter.events };
}

const green = suite("unit", { passed: 12 });

describe("the test command", () => {
  it("adds up its suites, and says the sum in its last line", async () => {
    const ended = await run([green, suite("e2e", { passed: 30, skipped: 1, skips: ["test/e2e/a.ts: as root"] })]);
    expect(ended.exit).toBe(EXIT.ok);
    expect(ended.lines.at(-1)).toBe("42 passed, 0 failed");
    expect(ended.lines.slice(0, -1)).toEqual([
      "skipped: test/e2e/a.ts: as root",
      expect.stringMatching(/^unit {9}12 passed {2}0 failed {2}0 skipped {2}\S/),
      expect.stringMatching(/^e2e {10}30 passed {2}0 failed {2}1 skipped {2}\S/),
    ]);
    expect(ended.data).toMatchObject({ ok: true, passed: 42, failed: 0, skipped: 1 });
    expect(ended.events).toEqual(["note \n== unit", "note \n== e2e"]);
  });

  it("fails when one test of one suite failed, runs the suites after it, and names what failed", async () => {
    const failed = suite("integration", { passed: 5, failed: 1, failures: ["a.ts: a holds: Error: no"] });
    const after = suite("e2e", { passed: 1 });
    const ended = await run([green, failed, after]);
    expect(ended.exit).toBe(EXIT.internal);
    expect(after.runs).toHaveLength(1);
    expect(ended.lines).toContain("failed: a.ts: a holds: Error: no");
    expect(ended.lines.at(-1)).toBe("18 passed, 1 failed");
    expect(ended.data).toMatchObject({ ok: false, failed: 1 });
  });

  it.each([
    ["ran nothing", [suite("unit", {})]],
    ["skipped everything", [suite("unit", { skipped: 9 })]],
    ["has no suite at all", []],
  ])("fails when it %s", async (_what, suites) => {
    const ended = await run(suites);
    expect(ended.exit).toBe(EXIT.internal);
    expect(ended.lines.at(-1)).toBe("0 passed, 0 failed");
    expect(ended.data).toMatchObject({ ok: false });
  });

  it("runs the suites that are named, and nothing else", async () => {
    const [other, named] = [suite("unit", { passed: 1 }), suite("compose", { passed: 2 })];
    const ended = await run([other, named], ["compose"], { only: "whole" });
    expect([other.runs.length, named.runs.length]).toEqual([0, 1]);
    expect(named.runs[0]?.only).toBe("whole");
    expect(ended.lines.at(-1)).toBe("2 passed, 0 failed");
  });

  it("runs, as it ships, everything, the containers last", () => {
    expect(test.arguments?.[0]?.choices).toEqual(["check", "unit", "integration", "e2e", "fault", "compose"]);
  });
});
