import { relative } from "node:path";
import { z } from "zod";

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** What a run of vitest came to, by its JSON report: nothing failed and something passed, and what was left out is named. */
export function readSuiteOutcome(
  report: string,
  checkout: string,
): {
  readonly ok: boolean;
  readonly found: { readonly passed: number; readonly failed: readonly string[]; readonly skipped: readonly string[] };
} {
  const files = reportSchema.parse(JSON.parse(report)).testResults;
  const tests = files.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ status, title: `${relative(checkout, name)}: ${fullName}` })),
  );
  const titles = (...wanted: readonly string[]) =>
    tests.filter(({ status }) => wanted.includes(status)).map(({ title }) => title);
  // A file that does not load, or whose hook failed, has no failed test.
  const broken = files
    .filter(
      ({ status, assertionResults }) => status === "failed" && !assertionResults.some((one) => one.status === "failed"),
    )
    .map(({ name, message }) => `${relative(checkout, name)}: ${message.split("\n", 1)[0]}`);
  const passed = titles("passed").length;
  const failed = [...titles("failed"), ...broken];
  return {
    ok: passed > 0 && failed.length === 0,
    found: { passed, failed, skipped: titles("skipped", "pending", "todo") },
  };
}
