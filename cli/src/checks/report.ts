/** What doctor saw last, kept for those who may look and not run checks: the portal. One row per check, each with its own age. */
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { DOCTOR_REPORT, DoctorReport } from "@muster/board/doctor-report";
import { writeFileAtomic } from "../state/write-file-atomic.ts";
import type { CheckResult } from "./check.ts";
import { timeToLive } from "./time-to-live.ts";

/** A run of some checks replaces their rows and leaves the others as old as they are. Pure. */
export function mergeReport(
  before: DoctorReport | null,
  results: readonly CheckResult[],
  run: { readonly at: Date; readonly tookMs: number; readonly known: readonly string[] },
): DoctorReport {
  const at = run.at.toISOString();
  const fresh = new Map(
    results.map(({ ms: _ms, ...result }) => [result.id, { ...result, at, ttl_s: timeToLive(result.id) }]),
  );
  const old = new Map((before?.checks ?? []).map((row) => [row.id, row]));
  const checks = run.known.flatMap((id) => fresh.get(id) ?? old.get(id) ?? []);
  return { schema: DOCTOR_REPORT, at, took_ms: Math.round(run.tookMs), checks };
}

/**
 * Writes the report for the portal, 0644. Says nothing when it cannot: whoever may look at the stack but not write into its state
 * folder still gets the answer.
 */
export function recordReport(
  path: string,
  results: readonly CheckResult[],
  run: { readonly at: Date; readonly tookMs: number; readonly known: readonly string[] },
): void {
  if (!existsSync(dirname(path))) return;
  try {
    writeFileAtomic(path, `${JSON.stringify(mergeReport(readReport(path), results, run))}\n`, 0o644);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

/** Null when there is none, or none that can be read. */
function readReport(path: string): DoctorReport | null {
  try {
    return DoctorReport.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null;
  }
}

const REFUSALS = new Set(["EACCES", "EPERM", "EROFS", "ENOSPC"]);

function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error && REFUSALS.has(String(error.code));
}
