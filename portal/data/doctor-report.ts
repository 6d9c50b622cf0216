/** The file that doctor leaves, as it was parsed last. Asks no request, so that the live stream can look at it, too. */
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { doctorReportFile } from "../env.ts";

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

export interface ReportFile {
  /** Names its bytes: another one means that doctor ran. */
  readonly stamp: string;
  /** When it was written: a run is dated by its start. */
  readonly writtenAt: Date;
  readonly report: DoctorReport;
}

/** Every page shows its totals, and it changes a few times an hour. */
let parsed: ReportFile | null = null;

/** Null when there is none, or none of a shape that this portal knows. Never throws. */
export async function readReportFile(): Promise<ReportFile | null> {
  const file = doctorReportFile();
  if (file === null) return null;
  try {
    const { mtime, mtimeMs, size, ino } = await stat(file);
    const stamp = `${file} ${mtimeMs} ${size} ${ino}`;
    if (parsed?.stamp !== stamp) {
      parsed = { stamp, writtenAt: mtime, report: Report.parse(JSON.parse(await readFile(file, "utf8"))) };
    }
    return parsed;
  } catch {
    return null;
  }
}
