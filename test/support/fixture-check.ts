import type { Check, CheckResult } from "../../cli/src/checks/check.ts";
import { pass } from "../../cli/src/checks/check.ts";

/** A check that passes at once; a test overrides what it is about. */
export function fixtureCheck<Context = unknown>(
  overrides: Partial<Check<Context>> & { readonly id: string },
): Check<Context> {
  return {
    title: `${overrides.id} holds`,
    severity: "error",
    dependsOn: [],
    timeoutMs: 1_000,
    probe: async () => pass("seen"),
    fix: { summary: "mend it" },
    ...overrides,
  };
}

/** A passing result; a test overrides what it is about. */
export function fixtureResult(overrides: Partial<CheckResult> = {}): CheckResult {
  return {
    id: "PG-01",
    title: "Postgres answers",
    status: "pass",
    severity: "error",
    evidence: "18.4 in 3 ms",
    verdict: null,
    expected: null,
    actual: null,
    ms: 3,
    fix: null,
    ...overrides,
  };
}
