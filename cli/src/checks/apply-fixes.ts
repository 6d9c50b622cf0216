import type { Reporter } from "../output/reporter.ts";
import type { Check, CheckResult } from "./check.ts";

/** Applies the repair of each check that is not green and has one; true when any was applied. */
export async function applyFixes<Context>(
  registry: readonly Check<Context>[],
  results: readonly CheckResult[],
  context: Context,
  reporter: Reporter,
): Promise<boolean> {
  let applied = false;
  for (const result of results) {
    if (result.status !== "fail" && result.status !== "warn") continue;
    const fix = registry.find((check) => check.id === result.id)?.fix;
    if (fix?.apply === undefined) continue;
    reporter.note(`fix  ${result.id}  ${fix.summary}`);
    await fix.apply(context);
    applied = true;
  }
  return applied;
}
