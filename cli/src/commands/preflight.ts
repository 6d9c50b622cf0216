import type { CheckResult } from "../checks/check.ts";
import { CHECKS } from "../checks/index.ts";
import { runChecks } from "../checks/run-checks.ts";
import { CliError } from "../errors/cli-error.ts";
import type { Stack } from "../stack/stack.ts";

/** Checks of the machine that must hold before the first write. */
const PREFLIGHT_CHECKS = ["HOST-01", "HOST-02", "HOST-03", "HOST-04"] as const;
/** Those that staging alone needs. */
export const STAGING_CHECKS = ["HOST-02", "HOST-03", "HOST-04"] as const;

/** What the machine lacks, as checks say it; empty when it is ready. */
export async function findObstacles(
  stack: Stack,
  signal: AbortSignal,
  only: readonly string[] = PREFLIGHT_CHECKS,
): Promise<readonly CheckResult[]> {
  const results = await runChecks({ registry: CHECKS, context: stack, only, driver: stack.driver.id, signal });
  return results.filter((result) => result.status === "fail" || result.status === "error");
}

/** @throws CliError PREFLIGHT_FAILED with all of it at once */
export async function assertNoObstacles(stack: Stack, signal: AbortSignal, only?: readonly string[]): Promise<void> {
  const red = await findObstacles(stack, signal, only);
  const first = red[0];
  if (first === undefined) return;
  throw new CliError("PREFLIGHT_FAILED", {
    message: red.map((result) => `${result.id}: ${result.evidence}`).join("\n"),
    hint: `${first.fix ?? "Mend it"}; then run the command again.`,
    facts: { checks: red.map((result) => result.id) },
  });
}
