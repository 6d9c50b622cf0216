import { describe, expect, it } from "vitest";
import { readVitestReport } from "./vitest-report.ts";

const run = { name: "unit", exit: 0, checkout: "/checkout" };

function report(testResults: readonly object[], failed = 0): string {
  return JSON.stringify({ numPassedTests: 3, numFailedTests: failed, testResults });
}

describe("a vitest report", () => {
  it("gives the counts of a green run and no failure, and names what was skipped or never written", () => {
    const test = (fullName: string, status: string) => ({ fullName, status, failureMessages: [] });
    const assertionResults = [test("a holds", "passed"), test("b as root", "skipped"), test("c some day", "todo")];
    const file = { name: "/checkout/a.unit.test.ts", status: "passed", message: "", assertionResults };
    expect(readVitestReport(report([file]), run)).toEqual({
      passed: 3,
      failed: 0,
      skipped: 2,
      failures: [],
      skips: ["a.unit.test.ts: b as root", "a.unit.test.ts: c some day"],
    });
  });

  it("names a failed test by its file, its sentence and the first line of the reason", () => {
    const file = {
      name: "/checkout/board/law/claim.unit.test.ts",
      status: "failed",
      message: "",
      assertionResults: [
        { fullName: "a claim has one winner", status: "failed", failureMessages: ["Error: two winners\n    at here"] },
        { fullName: "a claim ends", status: "passed", failureMessages: [] },
      ],
    };
    const result = readVitestReport(report([file], 1), { ...run, exit: 1 });
    expect(result.failed).toBe(1);
    expect(result.failures).toEqual(["board/law/claim.unit.test.ts: a claim has one winner: Error: two winners"]);
  });

  it("names every test with its verdict where each is an answer of its own", () => {
    const tests = [
      { fullName: "a server is killed", status: "passed", failureMessages: [] },
      { fullName: "a reply is lost", status: "failed", failureMessages: ["Error: lost"] },
      { fullName: "a clock is wrong", status: "pending", failureMessages: [] },
    ];
    const file = {
      name: "/checkout/test/fault/law.fault.test.ts",
      status: "failed",
      message: "",
      assertionResults: tests,
    };
    expect(readVitestReport(report([file], 1), { ...run, exit: 1, namesTests: true }).tests).toEqual([
      { name: "test/fault/law.fault.test.ts: a server is killed", status: "passed" },
      { name: "test/fault/law.fault.test.ts: a reply is lost", status: "failed" },
      { name: "test/fault/law.fault.test.ts: a clock is wrong", status: "skipped" },
    ]);
  });

  it("counts a file that does not load as one failure, and names it", () => {
    const file = {
      name: "/checkout/a.unit.test.ts",
      status: "failed",
      message: "SyntaxError: no",
      assertionResults: [],
    };
    const result = readVitestReport(report([file]), { ...run, exit: 1 });
    expect(result).toMatchObject({ failed: 1, failures: ["a.unit.test.ts: SyntaxError: no"] });
  });

  it("counts a file whose hook failed beside the tests that failed elsewhere", () => {
    const hook = { name: "/checkout/a.unit.test.ts", status: "failed", message: "", assertionResults: [] };
    const test = { fullName: "b holds", status: "failed", failureMessages: ["Error: no"] };
    const other = { name: "/checkout/b.unit.test.ts", status: "failed", message: "", assertionResults: [test] };
    const result = readVitestReport(report([hook, other], 1), { ...run, exit: 1 });
    expect(result.failed).toBe(2);
    expect(result.failures[0]).toBe("a.unit.test.ts: a hook failed, as its output above says");
  });

  it("counts a bad end without any failed test as one failure", () => {
    const result = readVitestReport(report([]), { ...run, exit: 1 });
    expect(result).toMatchObject({ failed: 1, failures: ["unit: vitest ended with 1 and no failed test"] });
  });

  it("counts a run that wrote no report as one failure", () => {
    const result = readVitestReport(undefined, { ...run, exit: 137 });
    expect(result).toMatchObject({
      passed: 0,
      failed: 1,
      failures: ["unit: vitest ended with 137 and wrote no report"],
    });
  });
});
