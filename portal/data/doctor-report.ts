/** The file that doctor leaves, as it was parsed last. Asks no request, so that the live stream can look at it, too. */
import { readFile, stat } from "node:fs/promises";
import { DoctorReportRow, DoctorReport as ReportInFile } from "@muster/board/doctor-report";
import { z } from "zod";
import { doctorReportFile } from "../env.ts";

/** Instants are dates from here on. */
const CheckRow = DoctorReportRow.extend({ at: z.coerce.date() });
export type DoctorCheck = z.infer<typeof CheckRow>;

const Report = ReportInFile.extend({ at: z.coerce.date(), checks: z.array(CheckRow) });
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
