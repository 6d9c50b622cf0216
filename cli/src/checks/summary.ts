import { EXIT } from "../errors/catalog.ts";
import type { CheckResult } from "./check.ts";

export interface DoctorSummary {
  readonly pass: number;
  /** Red: failed checks of severity error, and checks that broke themselves. */
  readonly fail: number;
  readonly warn: number;
  /** Known limits of this driver, said and never failing. */
  readonly info: number;
  readonly skip: number;
  /** Id of the first red check in boot order, or null. */
  readonly firstCause: string | null;
}

export function summarise(results: readonly CheckResult[]): DoctorSummary {
  const count = (...statuses: readonly CheckResult["status"][]) =>
    results.filter((result) => statuses.includes(result.status)).length;
  return {
    pass: count("pass"),
    fail: count("fail", "error"),
    warn: count("warn"),
    info: count("info"),
    skip: count("skip"),
    firstCause: results.find((result) => result.status === "fail" || result.status === "error")?.id ?? null,
  };
}

/** Identity wins over red, red over warnings. A board on which no check ran is red, whatever was skipped: it proved nothing. */
export function exitOf(results: readonly CheckResult[], strict: boolean): number {
  const summary = summarise(results);
  if (results.some((result) => result.verdict === "IMPOSTOR" || result.verdict === "WRONG_INSTANCE"))
    return EXIT.identity;
  if (summary.fail > 0 || summary.skip === results.length) return EXIT.doctorRed;
  return strict && summary.warn > 0 ? EXIT.doctorWarnings : EXIT.ok;
}
