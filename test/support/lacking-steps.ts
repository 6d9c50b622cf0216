/** For each guard of each step of a task's life: a write that lacks only that, on a task made for it. */
import type { TaskStatus, Transition, TransitionGuard } from "../../board/src/transitions.ts";
import { callVerb } from "./call-verb.ts";
import type { Fields } from "./directus-writes.ts";
import { addAgent, claim, type LawFixture, STEWARD, submit } from "./law-fixture.ts";

interface LackingStep {
  readonly user: string;
  /** Null: the write makes the task. */
  readonly task: string | null;
  readonly fields: Fields;
}
type Step = Pick<Transition, "from" | "who" | "intent">;
type Make = (fields?: Fields) => Promise<string>;

export const guardKey = ({ from, who, intent }: Step, guard: TransitionGuard): string =>
  `${from} ${who} ${intent}: ${guard}`;

const BLOCK = { blocked_type: "transient", blocked_reason: "No network." };
const EVIDENCE = { evidence: "Ran it." };
const CHECKED = { acceptance: [{ id: "a1", text: "It passes.", check: "npm test" }] };

export function lackingSteps(law: LawFixture): Readonly<Record<string, () => Promise<LackingStep>>> {
  const { a1, a2, b1 } = law.agents;
  let full = 0;
  const addTask: Make = async (fields) => String((await law.addTask(fields))["id"]);
  const hold = (task: string) => law.patch(a1, task, claim("work"));
  const held: Make = async (fields) => {
    const task = await addTask(fields);
    await hold(task);
    return task;
  };
  const submitted: Make = async (fields) => String((await law.submittedTask(fields))["id"]);
  const reviewed = async (fields: Fields = {}, by = b1) => {
    const task = await submitted(fields);
    await law.patch(by, task, claim("review"));
    return task;
  };
  const judged = async (status: "done" | "ready", fields?: Fields) => {
    const task = await reviewed(fields);
    await law.patch(b1, task, { status, fence: 2, ...EVIDENCE });
    return task;
  };
  /** A task in each status from which a steward moves it. */
  const inStatus: Readonly<Record<TaskStatus, Make>> = {
    triage: () => addTask({ status: "triage" }),
    ready: addTask,
    in_progress: held,
    blocked: async () => {
      const task = await held();
      await law.patch(a1, task, { status: "blocked", fence: 1, ...BLOCK });
      return task;
    },
    in_review: submitted,
    done: () => judged("done"),
    cancelled: async () => {
      const task = await addTask();
      await law.patch(STEWARD, task, { status: "cancelled", status_reason: "Twice." });
      return task;
    },
  };
  const authored = async (by: string, author: string) => {
    const task = await reviewed({}, by);
    await law.admin.query("update os_claims set holder = $2 where task = $1 and kind = 'work'", [task, author]);
    return task;
  };
  /** It became risky while somebody of the author's family judged it. */
  const riskier = async () => {
    const task = await reviewed({}, a2);
    await law.patch(STEWARD, task, { risk: "high" });
    return task;
  };
  /** An agent that may hold nothing. */
  const fullAgent = () => {
    full += 1;
    return addAgent(law.admin, law.directus, `full-${full}`, "beta", { max_wip: 0 });
  };

  const attempts: Record<string, () => Promise<LackingStep>> = {};
  const lacks = (
    step: Step,
    guard: TransitionGuard,
    user: string | (() => Promise<string>),
    make: (() => Promise<string>) | null,
    fields: Fields,
  ) => {
    attempts[guardKey(step, guard)] = async () => ({
      task: make === null ? null : await make(),
      user: typeof user === "string" ? user : await user(),
      fields,
    });
  };

  const empty = { project: law.project, title: "New", status: "ready", acceptance: [] };
  lacks({ from: "new", who: "steward", intent: "add" }, "acceptance", STEWARD, null, empty);
  for (const [from, intent] of [
    ["triage", "accept"],
    ["in_progress", "requeue"],
    ["blocked", "unblock"],
    ["done", "reopen"],
    ["cancelled", "reopen"],
  ] as const) {
    const reason = intent === "reopen" ? { status_reason: "Once more." } : {};
    const step = { from, who: "steward", intent } as const;
    lacks(step, "acceptance", STEWARD, inStatus[from], { status: "ready", acceptance: [], ...reason });
    if (intent === "reopen") lacks(step, "reason", STEWARD, inStatus[from], { status: "ready" });
  }
  for (const from of ["triage", "ready", "in_progress", "blocked", "in_review"] as const)
    lacks({ from, who: "steward", intent: "cancel" }, "reason", STEWARD, inStatus[from], { status: "cancelled" });

  for (const step of [
    { from: "ready", who: "agent", intent: "claim" },
    { from: "in_progress", who: "agent", intent: "take over" },
  ] as const) {
    const isTakeover = step.from === "in_progress";
    /** Ready, or held by a claim that has run out; `change` comes before it does. */
    const free = (make: Make, change: (task: string) => Promise<unknown> = async () => undefined) => {
      return async () => {
        const task = await make();
        if (isTakeover) await hold(task);
        await change(task);
        if (isTakeover) await law.expire(task);
        return task;
      };
    };
    const fields = claim("fresh");
    const leased = async () => {
      const task = await addTask();
      if (isTakeover) {
        await hold(task);
        // Run out, but not by the lock delay.
        await law.expire(task, 1);
      } else
        await law.admin.query(
          `insert into muster.leases (task, kind, epoch, session, holder, granted_at, heartbeat_at, expires_at)
             select $1, 'work', 1, 's', $2, n, n, n + interval '900 s' from clock_timestamp() n`,
          [task, b1],
        );
      return task;
    };
    lacks(step, "lease_free", a2, leased, fields);
    const depend = async (task: string) => callVerb(law.directus, "add_dependency", STEWARD, task, await addTask());
    lacks(step, "dependencies", a2, free(addTask, depend), fields);
    const need = (task: string) => law.patch(STEWARD, task, { required_capabilities: ["welding"] });
    lacks(step, "capabilities", a2, free(addTask, need), fields);
    const exhaust = (task: string) => law.patch(STEWARD, task, { max_attempts: 1 });
    lacks(
      step,
      "attempts",
      a2,
      free(() => judged("ready", { max_attempts: 2 }), exhaust),
      fields,
    );
    lacks(step, "wip", fullAgent, free(addTask), fields);
    const reserve = async () => callVerb(law.directus, "reserve_paths", a1, await held(), 1, ["src"]);
    lacks(
      step,
      "paths",
      a2,
      free(() => addTask({ paths: ["src/a.ts"] }), reserve),
      fields,
    );
  }

  const release = { from: "in_progress", who: "holder", intent: "release" } as const;
  lacks(release, "fence", a1, held, { status: "ready", fence: 7 });
  const block = { from: "in_progress", who: "holder", intent: "block" } as const;
  lacks(block, "fence", a1, held, { status: "blocked", fence: 7, ...BLOCK });
  lacks(block, "block", a1, held, { status: "blocked", fence: 1, blocked_type: "transient" });
  const stop = { from: "in_progress", who: "steward", intent: "block" } as const;
  lacks(stop, "block", STEWARD, held, { status: "blocked", blocked_type: "transient" });
  const hand = { from: "in_progress", who: "holder", intent: "submit" } as const;
  lacks(hand, "fence", a1, held, { ...submit, fence: 7 });
  lacks(hand, "submission", a1, held, { status: "in_review", fence: 1 });

  const review = { from: "in_review", who: "agent", intent: "review" } as const;
  lacks(review, "lease_free", a2, reviewed, claim("fresh"));
  lacks(review, "other_author", a1, submitted, claim("fresh"));
  lacks(review, "other_family", a2, () => submitted({ risk: "high" }), claim("fresh"));
  lacks(review, "wip", fullAgent, submitted, claim("fresh"));
  const giveBack = { from: "in_review", who: "verifier", intent: "give back" } as const;
  lacks(giveBack, "fence", b1, reviewed, { claim_session: null, fence: 7 });
  for (const [intent, status] of [
    ["pass", "done"],
    ["fail", "ready"],
  ] as const) {
    const verdict = { from: "in_review", who: "verifier", intent } as const;
    lacks(verdict, "fence", b1, reviewed, { status, fence: 7, ...EVIDENCE });
    lacks(verdict, "evidence", b1, reviewed, { status, fence: 2 });
    lacks(verdict, "other_author", b1, () => authored(b1, b1), { status, fence: 2, ...EVIDENCE });
    lacks(verdict, "other_family", a2, riskier, { status, fence: 2, ...EVIDENCE });
    const decision = { from: "in_review", who: "steward", intent } as const;
    lacks(decision, "evidence", STEWARD, submitted, { status });
    lacks(decision, "other_author", STEWARD, () => authored(b1, STEWARD), { status, ...EVIDENCE });
    if (intent === "fail") continue;
    lacks(verdict, "checks", b1, () => reviewed(CHECKED), { status, fence: 2, ...EVIDENCE });
    lacks(decision, "checks", STEWARD, () => reviewed(CHECKED), { status, ...EVIDENCE });
  }
  return attempts;
}

/** The same by the verb of that step; null where no verb could lack it. */
export function byVerb(step: Step, { user, task, fields }: LackingStep): readonly [string, ...unknown[]] | null {
  const fence = fields["fence"] ?? null;
  if (task === null || "acceptance" in fields) return null;
  switch (step.intent) {
    case "claim":
    case "take over":
    case "review":
      return ["claim", user, task, fields["claim_session"]];
    case "release":
    case "give back":
      return ["release", user, task, fence];
    case "block":
      return ["block", user, task, fence, { type: fields["blocked_type"], reason: fields["blocked_reason"] }];
    case "submit":
      return ["submit", user, task, fence, { commit: fields["submitted_commit"] }];
    case "pass":
    case "fail":
      return ["verdict", user, task, fence, step.intent, fields["evidence"] ?? null];
    case "cancel":
    case "reopen":
      return [step.intent, user, task, fields["status_reason"] ?? null];
    default:
      throw new Error(`No verb is known for "${step.intent}".`);
  }
}
