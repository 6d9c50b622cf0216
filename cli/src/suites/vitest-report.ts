import { relative } from "node:path";
import { z } from "zod";
import type { SuiteResult, TestVerdict } from "./suite.ts";

const assertion = z.object({
  fullName: z.string(),
  status: z.string(),
  failureMessages: z.array(z.string()).nullish(),
});

const vitestReport = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({ name: z.string(), status: z.string(), message: z.string(), assertionResults: z.array(assertion) }),
  ),
});

export interface VitestRun {
  readonly name: string;
  readonly exit: number;
  readonly checkout: string;
  /** Whether every test is named, not only those that failed. Default false. */
  readonly namesTests?: boolean;
}

/**
 * What a vitest run came to. `report` is its JSON report, undefined when it died before it wrote one. A run that ended badly
 * without a failed test (a file that does not load, no file at all, an error outside a test) counts as one failure.
 */
export function readVitestReport(
  report: string | undefined,
  { name, exit, checkout, namesTests = false }: VitestRun,
): SuiteResult {
  if (report === undefined) {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      failures: [`${name}: vitest ended with ${exit} and wrote no report`],
      skips: [],
    };
  }
  const parsed = vitestReport.parse(JSON.parse(report));
  const failures = parsed.testResults.flatMap((file) => {
    const path = relative(checkout, file.name);
    const tests = file.assertionResults.filter(({ status }) => status === "failed");
    if (tests.length === 0 && file.status === "failed") return [`${path}: ${firstLine(file.message) || HOOK}`];
    return tests.map((test) => `${path}: ${test.fullName}: ${firstLine(test.failureMessages?.[0] ?? "")}`);
  });
  if (exit !== 0 && failures.length === 0) failures.push(`${name}: vitest ended with ${exit} and no failed test`);
  const skips = parsed.testResults.flatMap((file) =>
    file.assertionResults
      .filter(({ status }) => SKIPPED.has(status))
      .map(({ fullName }) => `${relative(checkout, file.name)}: ${fullName}`),
  );
  return {
    passed: parsed.numPassedTests,
    failed: failures.length,
    skipped: skips.length,
    failures,
    skips,
    ...(namesTests ? { tests: verdictsOf(parsed, checkout) } : {}),
  };
}

/** A test that waits to be written counts as one that did not run. */
const SKIPPED: ReadonlySet<string> = new Set(["skipped", "pending", "todo", "disabled"]);

function verdictsOf(report: z.infer<typeof vitestReport>, checkout: string): readonly TestVerdict[] {
  return report.testResults.flatMap((file) =>
    file.assertionResults.map(({ fullName, status }) => ({
      name: `${relative(checkout, file.name)}: ${fullName}`,
      status: status === "passed" || status === "failed" ? status : "skipped",
    })),
  );
}

/** The report has no word of a hook inside a group of tests. */
const HOOK = "a hook failed, as its output above says";

function firstLine(message: string): string {
  return message.trim().split("\n", 1)[0] ?? "";
}
