import { z } from "zod";
import { fence, SHORT_TEXT, taskRef, text } from "./texts.ts";
import { defineVerb } from "./verb.ts";

/** Gives a claim back; with `blocked_type` the task waits for something instead. One tool, because a model confuses two. */
export const release = defineVerb({
  name: "release",
  description:
    "Give your claim back; with blocked_type, block the task instead. needs_human also needs owner and action.",
  writes: true,
  shape: {
    task: taskRef(),
    fence: fence(),
    reason: text(2000),
    blocked_type: z.enum(["dependency", "needs_human", "capability", "transient"]).optional(),
    owner: text(SHORT_TEXT).optional(),
    action: text(2000).optional(),
    until: text(40, "ISO time").optional(),
  },
  async run(desk, { task, fence: epoch, reason, blocked_type, owner, action, until }, op) {
    if (blocked_type === undefined) return desk.law("release", { task, fence: epoch, reason, op });
    const block = { type: blocked_type, reason, ...defined({ owner, action, until }) };
    return desk.law("block", { task, fence: epoch, block, op });
  },
});

function defined(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
