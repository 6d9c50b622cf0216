import { z } from "zod";
import { fence, SHORT_TEXT, session, taskRef, text, texts, tokens } from "./texts.ts";
import { defineVerb } from "./verb.ts";

/** What hooks, sidecars and scripts need and a model never does: over REST only, so that no tool list grows by them. */

export const heartbeat = defineVerb({
  name: "heartbeat",
  description: "Renew the lease of a claim.",
  writes: true,
  shape: { task: taskRef(), fence: fence() },
  run: (desk, { task, fence: epoch }) => desk.law("heartbeat", { task, fence: epoch }),
});

export const leave = defineVerb({
  name: "leave",
  description: "End a session and give back every claim that it holds.",
  writes: true,
  shape: { session: session() },
  run: (desk, args) => desk.law("end_session", args),
});

export const reserve = defineVerb({
  name: "reserve",
  description: "Reserve paths for a claimed task.",
  writes: true,
  shape: {
    task: taskRef(),
    fence: fence(),
    paths: texts(SHORT_TEXT),
    mode: z.enum(["exclusive", "shared"]).optional(),
    seconds: z.int().min(1).max(86_400).optional(),
  },
  run: (desk, { mode, seconds, ...rest }, op) =>
    desk.law("reserve_paths", { ...rest, mode: mode ?? "exclusive", seconds: seconds ?? 3600, op }),
});

export const usage = defineVerb({
  name: "usage",
  description: "Report what a claim has cost so far.",
  writes: true,
  shape: {
    task: taskRef(),
    fence: fence(),
    tokens_in: tokens().optional(),
    tokens_out: tokens().optional(),
    cost_usd: z.number().min(0).max(100_000).optional(),
  },
  run: (desk, { task, fence: epoch, ...spent }, op) =>
    desk.law("report_usage", { task, fence: epoch, usage: spent, op }),
});

export const events = defineVerb({
  name: "events",
  description: "Read the log of changes after a cursor.",
  writes: false,
  shape: {
    cursor: text(200).optional(),
    limit: z.int().min(1).max(1000).optional(),
    task: taskRef().optional(),
  },
  run: (desk, { cursor, limit, task }) =>
    desk.law("events_since", { cursor, limit: limit ?? 100, options: task === undefined ? {} : { task } }),
});
