import { z } from "zod";
import { CHORE_IDS } from "../../../services/chores.ts";

/** Everything the supervisor needs to carry a chore out again and again. Holds no secret: the CLI reads those from files. */
export const choreSpecSchema = z.strictObject({
  id: z.enum(CHORE_IDS),
  argv: z.tuple([z.string()], z.string()),
  cwd: z.string(),
  /** The whole environment but for the recorded settings. */
  environment: z.record(z.string(), z.string()),
  /**
   * Settings by environment name, as `init` recorded them; read anew at each run. They join the environment, where they count for more
   * than `.env`, as they did for the `up` that was given them.
   */
  settingsFile: z.string(),
  logFile: z.string(),
  /** From one start to the next. */
  intervalMs: z.int().positive(),
  /** A run that takes longer is ended. */
  limitMs: z.int().positive(),
});

export type ChoreSpec = z.infer<typeof choreSpecSchema>;

/** `<state>/run/chore-<id>.json`: a chore that a supervisor carries out, and how it last went. */
export const choreRecordSchema = z.strictObject({
  id: z.enum(CHORE_IDS),
  /** The boot in which it was asked for. */
  bootId: z.string(),
  /** Since when it is carried out at this interval. */
  since: z.iso.datetime(),
  nextAt: z.iso.datetime(),
  /** The last run that came to an end by itself or by its limit; null before the first. */
  last: z
    .strictObject({
      startedAt: z.iso.datetime(),
      ms: z.int().nonnegative(),
      /** Null when it went well. */
      failure: z.string().nullable(),
    })
    .nullable(),
  spec: choreSpecSchema,
});

export type ChoreRecord = z.infer<typeof choreRecordSchema>;
