import { setTimeout as delay } from "node:timers/promises";
import type { DriverId } from "../drivers/driver.ts";
import { reasonOf } from "../errors/reason-of.ts";
import type { Check, CheckId, CheckResult, Finding } from "./check.ts";

export interface RunChecksOptions<Context> {
  readonly registry: readonly Check<Context>[];
  readonly context: Context;
  /** Which to report; what they depend on runs too and is reported. Default: all. */
  readonly only?: readonly CheckId[];
  /** Checks for the other driver are skipped with their reason; left out, none is. */
  readonly driver?: DriverId;
  readonly signal: AbortSignal;
  /** Called as each check ends. */
  readonly onResult?: (result: CheckResult) => void;
}

/**
 * Runs checks in registry order, each once, with its own time limit, and one at a time but for those that are `isAside`.
 * A check whose dependency did not pass is skipped with that reason. Results come in registry order. Never throws for a
 * check's own fault: that is `error`.
 * @throws the signal's reason when it is aborted.
 */
export async function runChecks<Context>(options: RunChecksOptions<Context>): Promise<readonly CheckResult[]> {
  const wanted = closure(options.registry, options.only ?? options.registry.map((check) => check.id));
  const results = new Map<CheckId, CheckResult | Promise<CheckResult>>();
  const firstNotGreen = async (ids: readonly CheckId[]): Promise<CheckId | undefined> => {
    for (const id of ids) if (!isGreen(await results.get(id))) return id;
    return undefined;
  };
  for (const check of options.registry) {
    if (!wanted.has(check.id)) continue;
    options.signal.throwIfAborted();
    const blocker = await firstNotGreen(check.dependsOn);
    const { drivers } = check;
    const isForOther = drivers !== undefined && options.driver !== undefined && drivers.only !== options.driver;
    const look = async (): Promise<CheckResult> => {
      const result: CheckResult = isForOther
        ? { ...toResult(check, { status: "skip", because: drivers.otherwise }, 0), isForOtherDriver: true }
        : blocker === undefined
          ? await runCheck(check, options.context, options.signal)
          : toResult(check, { status: "skip", because: `blocked by ${blocker}` }, 0);
      options.onResult?.(result);
      return result;
    };
    const looking = look();
    // Awaited below; until then an abort, which ends this run by itself, must not count as nobody's.
    looking.catch(() => undefined);
    results.set(check.id, check.isAside === true ? looking : await looking);
  }
  return Promise.all(results.values());
}

/** A pass, a known limit of severity info, or a check for the other driver: the last two are said, and block nothing that stands on them. */
export function isGreen(result: CheckResult | undefined): boolean {
  return (
    result !== undefined && (result.status === "pass" || result.status === "info" || result.isForOtherDriver === true)
  );
}

async function runCheck<Context>(check: Check<Context>, context: Context, signal: AbortSignal): Promise<CheckResult> {
  const startedAt = performance.now();
  const timeout = new AbortController();
  const either = AbortSignal.any([signal, timeout.signal]);
  try {
    const finding = await Promise.race([check.probe(context, either), expire(check.timeoutMs, either)]);
    return toResult(check, finding, performance.now() - startedAt);
  } catch (error) {
    signal.throwIfAborted();
    return {
      ...toResult(
        check,
        { status: "fail", evidence: `the check itself broke: ${reasonOf(error)}` },
        performance.now() - startedAt,
      ),
      status: "error",
    };
  } finally {
    timeout.abort();
  }
}

async function expire(timeoutMs: number, signal: AbortSignal): Promise<never> {
  await delay(timeoutMs, undefined, { signal });
  throw new Error(`no answer within ${timeoutMs} ms`);
}

const FAILED_STATUS = { error: "fail", warning: "warn", info: "info" } as const;

function toResult<Context>(check: Check<Context>, finding: Finding, ms: number): CheckResult {
  const failed = finding.status === "fail";
  return {
    id: check.id,
    title: check.title,
    status: failed ? FAILED_STATUS[check.severity] : finding.status,
    severity: check.severity,
    evidence: finding.status === "skip" ? finding.because : finding.evidence,
    verdict: failed ? (finding.verdict ?? null) : null,
    expected: failed ? (finding.expected ?? null) : null,
    actual: failed ? (finding.actual ?? null) : null,
    ms: Math.round(ms),
    fix: failed && check.severity !== "info" ? check.fix.summary : null,
  };
}

function closure<Context>(registry: readonly Check<Context>[], ids: readonly CheckId[]): ReadonlySet<CheckId> {
  const byId = new Map(registry.map((check) => [check.id, check]));
  const wanted = new Set<CheckId>();
  const visit = (id: CheckId): void => {
    if (wanted.has(id)) return;
    wanted.add(id);
    for (const dependency of byId.get(id)?.dependsOn ?? []) visit(dependency);
  };
  ids.forEach(visit);
  return wanted;
}
