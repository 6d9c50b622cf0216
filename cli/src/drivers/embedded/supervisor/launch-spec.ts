import { z } from "zod";
import { processNameSchema } from "../../../host/process-table.ts";
import { SERVICE_IDS } from "../../../services/service-def.ts";
import { restartPolicySchema, USUAL_RESTARTS } from "./restart-budget.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT"] as const;

export const stopStepSchema = z.strictObject({
  signal: z.enum(SIGNALS),
  /** How long the process may take to end before the next step, and SIGKILL after the last. */
  graceMs: z.int().positive(),
});

/** Everything the supervisor needs to start a service again without the CLI. Holds no secret: those are in files. */
export const launchSpecSchema = z.strictObject({
  service: z.enum(SERVICE_IDS),
  argv: z.tuple([z.string()], z.string()),
  cwd: z.string(),
  environment: z.record(z.string(), z.string()),
  runAs: z.strictObject({ uid: z.int(), gid: z.int() }).nullable(),
  logFile: z.string(),
  port: z.int(),
  /** Digest of what the service is made of; another one means that it must be replaced. */
  inputHash: z.string(),
  stop: z.array(stopStepSchema).min(1),
  // A record of a release that knew no such setting must still be read: behind it is a live process.
  restarts: restartPolicySchema.default(USUAL_RESTARTS),
});

export type LaunchSpec = z.infer<typeof launchSpecSchema>;

/** `<state>/run/<service>.json`: what the supervisor last knew of a service. Survives the supervisor. */
export const childRecordSchema = z.strictObject({
  service: z.enum(SERVICE_IDS),
  state: z.enum(["running", "restarting", "failed"]),
  /** Null while it waits to be restarted and when it failed. */
  process: processNameSchema.nullable(),
  /** The boot in which it was started. */
  bootId: z.string(),
  port: z.int(),
  inputHash: z.string(),
  restarts: z.int().nonnegative(),
  startedAt: z.iso.datetime().nullable(),
  /** Why it is restarting or failed. */
  reason: z.string().nullable(),
  /** Start order; services stop in the reverse of it. */
  order: z.int().nonnegative(),
  spec: launchSpecSchema,
});

export type ChildRecord = z.infer<typeof childRecordSchema>;

/** `<state>/run/supervisor.json` */
export const supervisorRecordSchema = z.strictObject({
  ...processNameSchema.shape,
  /** Where it listens; not always beside this file, because a unix socket path has at most 107 bytes. */
  socket: z.string(),
  /** Digest of the supervisor's own source: a CLI of another version replaces it, and the services live on. */
  sourceHash: z.string(),
  startedAt: z.iso.datetime(),
});

export type SupervisorRecord = z.infer<typeof supervisorRecordSchema>;
