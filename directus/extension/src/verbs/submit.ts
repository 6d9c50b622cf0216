import { z } from "zod";
import { orKeep } from "./late-work.ts";
import { fence, LONG_TEXT, SHORT_TEXT, session, taskRef, text, tokens } from "./texts.ts";
import { defineVerb } from "./verb.ts";

/** With `next`, submitting and claiming the next task are one transaction. */
export const submit = defineVerb({
  name: "submit",
  description: "Hand in the result for review: commit or artifact. With next (your session), also claim the next task.",
  writes: true,
  shape: {
    task: taskRef(),
    fence: fence(),
    commit: text(SHORT_TEXT).optional(),
    artifact: text(2000).optional(),
    summary: text(LONG_TEXT).optional(),
    tokens_in: tokens().optional(),
    tokens_out: tokens().optional(),
    cost_usd: z.number().min(0).max(100_000).optional(),
    next: session().optional(),
  },
  run(desk, { task, fence: epoch, summary, next, ...rest }, op) {
    const result = { ...rest, ...(summary === undefined ? {} : { closing_note: summary }) };
    return orKeep(desk, { task, fence: epoch }, { verb: "submit", ...result }, () =>
      next === undefined
        ? desk.law("submit", { task, fence: epoch, result, op })
        : desk.law("advance", { session: next, finish: { task, fence: epoch, ...result }, options: {}, op }),
    );
  },
});
