/** What doctor saw last, as the CLI left it in a file. The portal runs no check itself. */
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { doctorReportFile, isPublic } from "../env.ts";
import { requestInstant } from "./request-instant.ts";

const CheckRow = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(["pass", "fail", "warn", "info", "skip", "error"]),
  severity: z.enum(["error", "warning", "info"]),
  evidence: z.string(),
  verdict: z.string().nullable(),
  expected: z.string().nullable(),
  actual: z.string().nullable(),
  fix: z.string().nullable(),
  at: z.coerce.date(),
  ttl_s: z.int().positive(),
});
export type DoctorCheck = z.infer<typeof CheckRow>;

const Report = z.object({
  schema: z.literal("muster.doctor-report/1"),
  at: z.coerce.date(),
  took_ms: z.number(),
  checks: z.array(CheckRow),
});
export type DoctorReport = z.infer<typeof Report>;

/** The report as it was parsed last, and what named its bytes: every page shows its totals, and it changes a few times an hour. */
let parsed: { readonly stamp: string; readonly report: DoctorReport } | null = null;

/**
 * Null when there is no report, or none of a shape that this portal knows; in a replay also when the report is younger than the shown
 * instant: earlier ones are not kept. Never throws.
 * @param now the page's instant
 */
export async function readDoctorReport(now: Date): Promise<DoctorReport | null> {
  const file = doctorReportFile();
  if (file === null) return null;
  try {
    const { mtimeMs, size, ino } = await stat(file);
    const stamp = `${file} ${mtimeMs} ${size} ${ino}`;
    if (parsed?.stamp !== stamp) parsed = { stamp, report: Report.parse(JSON.parse(await readFile(file, "utf8"))) };
    const { report } = parsed;
    // A run is dated by its start and written at its end.
    if (mtimeMs > now.getTime() && (await requestInstant()) !== null) return null;
    if (!isPublic()) return report;
    // Evidence names paths, ports and versions: nothing for strangers.
    const redacted = { evidence: "", expected: null, actual: null, fix: null };
    return { ...report, checks: report.checks.map((check) => ({ ...check, ...redacted })) };
  } catch {
    return null;
  }
}
