/** The report that doctor leaves in the state folder: the CLI writes it, the portal shows it. One row per check, each with its own age. */
import { z } from "zod";

export const DOCTOR_REPORT = "muster.doctor-report/1";

export const DoctorReportRow = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(["pass", "fail", "warn", "info", "skip", "error"]),
  severity: z.enum(["error", "warning", "info"]),
  evidence: z.string(),
  verdict: z.string().nullable(),
  expected: z.string().nullable(),
  actual: z.string().nullable(),
  fix: z.string().nullable(),
  /** When this check was looked at. */
  at: z.iso.datetime(),
  /** Seconds after which a green of this check proves nothing any more. */
  ttl_s: z.int().positive(),
});

export const DoctorReport = z.object({
  schema: z.literal(DOCTOR_REPORT),
  /** When the newest run began. */
  at: z.iso.datetime(),
  took_ms: z.number(),
  checks: z.array(DoctorReportRow),
});
export type DoctorReport = z.infer<typeof DoctorReport>;
