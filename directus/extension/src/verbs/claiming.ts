import { z } from "zod";
import type { Answer } from "../law.ts";
import { MusterRefusal } from "../muster-refusal.ts";
import { findTask } from "./find-task.ts";
import { SHORT_TEXT, session, taskRef, text } from "./texts.ts";
import type { Desk } from "./verb.ts";
import { defineVerb } from "./verb.ts";

/** Under every client's and proxy's usual limit of 60 s. */
export const LONGEST_WAIT_S = 45;

const waitSeconds = () => z.int().min(0).max(LONGEST_WAIT_S).describe("seconds").optional();

export const next = defineVerb({
  name: "next",
  description:
    "Claim a task: the named one, or the best ready one. Keep its fence: every later call on the task needs it. claimed:false is no error.",
  writes: true,
  shape: {
    session: session(),
    task: taskRef().optional(),
    project: text(SHORT_TEXT).optional(),
    kind: z.enum(["work", "review"]).optional(),
    wait: waitSeconds(),
  },
  run: (desk, { kind = "work", ...args }, op) => claim(desk, kind, args, op),
});

export const review = defineVerb({
  name: "review",
  description:
    "Claim a submission to verify: the named one, or the best you may judge. Check every acceptance item at its commit yourself.",
  writes: true,
  shape: { session: session(), task: taskRef().optional(), wait: waitSeconds() },
  run: (desk, args, op) => claim(desk, "review", args, op),
});

interface ClaimArguments {
  readonly session: string;
  readonly task?: string | undefined;
  readonly project?: string | undefined;
  readonly wait?: number | undefined;
}

/** A named task is claimed or refused at once; without a name, an empty queue is asked again after each change until the wait is over. */
async function claim(desk: Desk, kind: "work" | "review", args: ClaimArguments, op: string | null): Promise<Answer> {
  const { session, task, project } = args;
  if (task !== undefined) {
    await assertKind(desk, kind, task);
    return desk.law("claim", { task, session, options: {}, op });
  }
  // Nothing but defaults is sent as nothing: the law need not check it.
  const options = { ...(kind === "work" ? {} : { kind }), ...(project === undefined ? {} : { project }) };
  const take = () => desk.law("claim_next", { session, options, op });
  const { wait = 0 } = args;
  if (wait === 0) return take();
  const deadline = AbortSignal.timeout(wait * 1000);
  const until = AbortSignal.any([deadline, desk.signal]);
  for (;;) {
    const answer = await take();
    if (answer["claimed"] === true || until.aborted) return answer;
    try {
      await desk.change(until);
    } catch (reason) {
      if (!deadline.aborted || desk.signal.aborted) throw reason;
      return answer;
    }
  }
}

/** A named task under review is claimed to verify it, any other to work on it; who asks for the one never gets the other. */
async function assertKind(desk: Desk, kind: "work" | "review", task: string): Promise<void> {
  const { status } = await findTask(desk, task, ["status"]);
  const isReview = status === "in_review";
  if (isReview === (kind === "review")) return;
  throw new MusterRefusal({
    code: "MUSTER_NOT_CLAIMABLE",
    status: 422,
    message: isReview
      ? "The task is in review. Use review to verify it, or next for other work."
      : `The task is ${String(status)}, not in review. Review one that is in_review.`,
    extensions: { status },
  });
}
