/** The documents that commands promise under --json, as a caller would check them. */
import { z } from "zod";

export const upAnswer = z.object({
  ok: z.boolean(),
  driver: z.enum(["embedded", "compose"]),
  changed: z.number().int(),
  phases: z.array(
    z.object({ id: z.string(), status: z.enum(["done", "skipped", "failed"]), ms: z.number(), changed: z.number() }),
  ),
  doctor: z
    .object({
      pass: z.number(),
      fail: z.number(),
      warn: z.number(),
      skip: z.number(),
      firstCause: z.string().nullable(),
      red: z.array(z.object({ id: z.string(), evidence: z.string() })),
    })
    .optional(),
});

export const doctorAnswer = z.object({
  schema: z.literal("muster.doctor/1"),
  ok: z.boolean(),
  summary: z.object({
    pass: z.number(),
    fail: z.number(),
    warn: z.number(),
    info: z.number(),
    skip: z.number(),
    firstCause: z.string().nullable(),
  }),
  checks: z.array(
    z.object({
      id: z.string(),
      status: z.enum(["pass", "fail", "warn", "info", "skip", "error"]),
      severity: z.enum(["error", "warning", "info"]),
      evidence: z.string(),
      verdict: z.string().nullable(),
      ms: z.number(),
      fix: z.string().nullable(),
    }),
  ),
});

export type DoctorCheck = z.infer<typeof doctorAnswer>["checks"][number];

export const refusal = z.object({
  ok: z.literal(false),
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    facts: z.record(z.string(), z.unknown()),
  }),
});
