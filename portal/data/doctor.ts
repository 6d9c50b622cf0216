/** What doctor saw last, for the page that is asked for. The portal runs no check itself. */
import { isPublic } from "../env.ts";
import { type DoctorReport, readReportFile } from "./doctor-report.ts";
import { requestInstant } from "./request-instant.ts";

/**
 * Null when there is no report, or none of a shape that this portal knows; in a replay also when the report is younger than the shown
 * instant: earlier ones are not kept. Never throws.
 * @param now the page's instant
 */
export async function readDoctorReport(now: Date): Promise<DoctorReport | null> {
  const file = await readReportFile();
  if (file === null) return null;
  const { report, writtenAt } = file;
  if (writtenAt > now && (await requestInstant()) !== null) return null;
  if (!isPublic()) return report;
  // Evidence names paths, ports and versions: nothing for strangers.
  const redacted = { evidence: "", expected: null, actual: null, fix: null };
  return { ...report, checks: report.checks.map((check) => ({ ...check, ...redacted })) };
}
