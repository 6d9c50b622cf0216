/** The whole table of the task's life: every status to every status for every kind of caller, and a refusal for each guard. */
import { describe, expect, test } from "vitest";
import { callVerb } from "../../test/support/call-verb.ts";
import { createItem, type Fields } from "../../test/support/directus-writes.ts";
import { byVerb, guardKey, lackingSteps } from "../../test/support/lacking-steps.ts";
import { claim, refusalOf, STEWARD, withLaw } from "../../test/support/law-fixture.ts";
import {
  TASK_COLUMNS,
  TASK_STATUSES,
  type TaskStatus,
  TRANSITIONS,
  type TransitionActor,
  type TransitionGuard,
} from "../src/transitions.ts";

const law = withLaw();
const call = (verb: string, ...args: readonly unknown[]) => callVerb(law.directus, verb, ...args);
const refused = (user: string, task: unknown, fields: Fields) => refusalOf(law.patch(user, String(task), fields));
const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).sort();

const CALLERS = ["holder", "verifier", "agent", "steward", "stranger"] as const;
type Caller = (typeof CALLERS)[number];
/** Everything that the guards of any one step ask for, whoever takes it. */
const ENOUGH: Readonly<Partial<Record<TaskStatus, Fields>>> = {
  in_review: { submitted_commit: "3f9c1e2" },
  blocked: { blocked_type: "transient", blocked_reason: "No network." },
  cancelled: { status_reason: "Not needed." },
  done: { evidence: "Ran it." },
};

/** Steps for which there is a plain write and no verb of a task that exists. */
const NO_VERB = ["add", "accept", "unblock"];
interface Verb {
  /** What the caller may mean by it. */
  readonly intents: readonly string[];
  readonly args: (task: string, fence: number | null) => readonly unknown[];
  /** Where a steward changes the task by it and takes no step: a review taken away, another reason, another commit. */
  readonly edits?: readonly TaskStatus[];
}
const back = { intents: ["release", "requeue", "give back"], edits: ["in_review"] } as const;
/** What comes behind a space tells entries of one verb apart. */
const VERBS: Readonly<Record<string, Verb>> = {
  claim: { intents: ["claim", "take over", "review"], args: (task) => [task, "again"] },
  submit: {
    intents: ["submit"],
    args: (task, fence) => [task, fence ?? 1, { commit: "c" }],
    edits: ["in_review"],
  },
  advance: { intents: ["submit"], args: (task, fence) => ["next", { task, fence: fence ?? 1, commit: "c" }] },
  release: { ...back, args: (task, fence) => [task, fence] },
  fail_task: { ...back, args: (task, fence) => [task, fence, "Gave up."] },
  steal: { intents: ["requeue"], args: (task) => [task, "Stuck."], edits: ["in_review"] },
  block: {
    intents: ["block"],
    args: (task, fence) => [task, fence, { type: "transient", reason: "No power." }],
    edits: ["blocked"],
  },
  "verdict pass": { intents: ["pass"], args: (task, fence) => [task, fence, "pass", "Ran it."] },
  "verdict fail": { intents: ["fail"], args: (task, fence) => [task, fence, "fail", "Ran it."] },
  cancel: { intents: ["cancel"], args: (task) => [task, "Not needed."] },
  reopen: { intents: ["reopen"], args: (task) => [task, "Once more."] },
};

test("the table in the database is the one that docs are made from", async () => {
  const transitions = await law.rows(
    `select from_status as "from", to_status as "to", who, intent, event, guards from muster.transitions`,
  );
  expect(sorted(transitions)).toEqual(sorted(TRANSITIONS));
  const columns = Object.entries(TASK_COLUMNS).map(([name, writers]) => ({ name, writers }));
  expect(sorted(await law.rows("select name, writers from muster.task_columns"))).toEqual(sorted(columns));
});

/** One task in each status: a1 has or had the work claim, b1 the review claim. `lapsed` and `waiting` are free for an agent to take. */
async function arrange() {
  const inProgress = async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, String(id), claim("work"));
    return String(id);
  };
  const underReview = async () => {
    const { id } = await law.submittedTask();
    await law.patch(law.agents.b1, String(id), claim("review"));
    return String(id);
  };
  await law.admin.query("update os_agents set max_wip = 100");
  const done = await underReview();
  await law.patch(law.agents.b1, done, { status: "done", fence: 2, evidence: "Ran it." });
  const blocked = await inProgress();
  await law.patch(law.agents.a1, blocked, { status: "blocked", fence: 1, ...ENOUGH.blocked });
  const { id: cancelled } = await law.addTask();
  await law.patch(STEWARD, String(cancelled), { status: "cancelled", status_reason: "Twice." });
  const lapsed = await inProgress();
  await law.expire(lapsed);
  const tasks: Readonly<Record<TaskStatus, string>> = {
    triage: String((await law.addTask({ status: "triage" }))["id"]),
    ready: String((await law.addTask())["id"]),
    in_progress: await inProgress(),
    blocked,
    in_review: await underReview(),
    done,
    cancelled: String(cancelled),
  };
  const { id: waiting } = await law.submittedTask();
  return { tasks, lapsed, waiting: String(waiting) };
}

/** The write by which the caller means that step. One that stays is a claim; of the verifier, giving it back; of a ready task, where a claim would move it, an edit. */
function writeOf(who: Caller, from: TaskStatus, to: TaskStatus): Fields {
  const fence = who === "holder" ? { fence: 1 } : who === "verifier" ? { fence: 2 } : {};
  if (from === "ready" && to === from && who !== "steward") return { ...fence, title: "Mine" };
  if (from === to) return { ...fence, claim_session: who === "verifier" ? null : "again" };
  if (who === "agent" && to === "in_progress") return claim("fresh");
  const verdict = from === "in_review" && to === "ready" ? ENOUGH.done : {};
  const reason = to === "ready" ? { status_reason: "Once more." } : {};
  return { ...fence, ...ENOUGH[to], ...verdict, ...(who === "steward" ? reason : {}), status: to };
}

describe("a step is allowed exactly when the table has it", () => {
  test("from every status to every status, for every caller", async () => {
    const { tasks, lapsed, waiting } = await arrange();
    const { rows } = await law.admin.query("insert into directus_users values (gen_random_uuid(), null) returning id");
    const { a1: holder, b1: verifier, a2: agent } = law.agents;
    const users = { holder, verifier, agent, steward: STEWARD, stranger: String(rows[0]?.id) };
    const wrong: string[] = [];
    for (const from of TASK_STATUSES) {
      for (const to of TASK_STATUSES) {
        for (const who of CALLERS) {
          const step = TRANSITIONS.find((each) => each.from === from && each.to === to && each.who === who);
          const free = from === "in_progress" ? lapsed : waiting;
          const task = who === "agent" && step !== undefined && from === to ? free : tasks[from];
          await law.directus.query("begin");
          const before = await law.task(task);
          const refusal = await refused(users[who], task, writeOf(who, from, to));
          const cell = `${who}: ${from} → ${to}`;
          if (step === undefined) {
            await law.directus.query("rollback");
            const code = refusal?.code ?? "accepted";
            if (!/^MUSTER_(?!INTERNAL|VALUE)/.test(code)) wrong.push(`${cell} must be refused: ${code}`);
            if ((await law.task(task))["version"] !== before["version"]) wrong.push(`${cell} left a trace`);
            continue;
          }
          if (refusal === null) {
            const { rows: after } = await law.directus.query(
              "select t.status, e.kind from os_tasks t join os_events e on e.entity_id = t.id and e.version = t.version where t.id = $1",
              [task],
            );
            const found = JSON.stringify(after);
            if (found !== JSON.stringify([{ status: to, kind: step.event }])) wrong.push(`${cell} gave ${found}`);
          } else wrong.push(`${cell} must be allowed: ${refusal.code}`);
          await law.directus.query("rollback");
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test("from every status by every verb, for every caller", async () => {
    const { tasks, lapsed, waiting } = await arrange();
    const { rows } = await law.admin.query("insert into directus_users values (gen_random_uuid(), null) returning id");
    const { a1: holder, b1: verifier, a2: agent } = law.agents;
    const users = { holder, verifier, agent, steward: STEWARD, stranger: String(rows[0]?.id) };
    const covered = new Set(Object.values(VERBS).flatMap(({ intents }) => intents));
    const all = TRANSITIONS.filter(({ who }) => who !== "system").map(({ intent }) => intent);
    expect([...covered, ...NO_VERB].toSorted()).toEqual([...new Set(all)].toSorted());
    const wrong: string[] = [];
    for (const [verb, { intents, args, edits }] of Object.entries(VERBS)) {
      for (const from of TASK_STATUSES) {
        for (const who of CALLERS) {
          // Where it has no part in the task, it is an agent like any other.
          const isBystander = who === "holder" ? from !== "in_progress" : who === "verifier" && from !== "in_review";
          if (isBystander && verb === "claim") continue;
          const step = TRANSITIONS.find(
            (each) => each.from === from && each.who === who && intents.includes(each.intent),
          );
          const isEdit = who === "steward" && edits?.includes(from) === true;
          const isTaken = who === "agent" && verb === "claim";
          const task =
            isTaken && from === "in_progress" ? lapsed : isTaken && from === "in_review" ? waiting : tasks[from];
          const fence = who === "steward" ? null : who === "verifier" ? 2 : 1;
          await law.directus.query("begin");
          const refusal = await refusalOf(call(verb.replace(/ .*$/, ""), users[who], ...args(task, fence)));
          const { rows: after } =
            refusal === null
              ? await law.directus.query(
                  "select t.status, e.kind from os_tasks t join os_events e on e.entity_id = t.id and e.version = t.version where t.id = $1",
                  [task],
                )
              : { rows: [] };
          await law.directus.query("rollback");
          const cell = `${verb} by ${who}, ${from}`;
          const wanted = isEdit ? { status: from, kind: "edited" } : step && { status: step.to, kind: step.event };
          if (wanted === undefined) {
            const code = refusal?.code ?? "accepted";
            if (!/^MUSTER_(?!INTERNAL|VALUE)/.test(code)) wrong.push(`${cell} must be refused: ${code}`);
          } else if (refusal !== null) wrong.push(`${cell} must be allowed: ${refusal.code}`);
          else if (JSON.stringify(after) !== JSON.stringify([wanted]))
            wrong.push(`${cell} gave ${JSON.stringify(after)}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test("from nothing, for agents, stewards and strangers", async () => {
    const users: Readonly<Partial<Record<TransitionActor, string>>> = { agent: law.agents.a1, steward: STEWARD };
    const fields = { project: law.project, title: "New", acceptance: [{ id: "a1", text: "It holds." }] };
    for (const status of TASK_STATUSES) {
      for (const [who, user] of Object.entries(users)) {
        const isAllowed = TRANSITIONS.some((each) => each.from === "new" && each.to === status && each.who === who);
        const refusal = await refusalOf(createItem(law.directus, user, "os_tasks", { ...fields, status }));
        expect(refusal === null, `${who}: new → ${status} ${refusal?.code ?? ""}`).toBe(isAllowed);
      }
    }
    const stranger = "00000000-0000-4000-8000-0000000000ff";
    const refusal = await refusalOf(createItem(law.directus, stranger, "os_tasks", { ...fields, status: "triage" }));
    expect(refusal).toMatchObject({ code: "MUSTER_AGENT_UNKNOWN" });
  });

  test("and the database takes its own steps: expiry, a dependency done, the last attempt", async () => {
    const lapsed = String((await law.addTask())["id"]);
    await law.patch(law.agents.a1, lapsed, claim("work"));
    await law.expire(lapsed);
    await call("tick");
    const { id: first } = await law.submittedTask();
    const { id: second } = await law.addTask();
    await law.patch(law.agents.a2, String(second), claim("work"));
    await call("add_dependency", STEWARD, second, first);
    const block = { status: "blocked", blocked_type: "dependency", blocked_reason: "Waits." };
    await law.patch(law.agents.a2, String(second), { ...block, fence: 1 });
    const { id: last } = await law.submittedTask({ max_attempts: 1 });
    await law.patch(law.agents.b1, String(last), claim("r"));
    await law.patch(law.agents.b1, String(last), { status: "ready", fence: 2, evidence: "No." });
    await law.patch(STEWARD, String(first), { status: "done", evidence: "Looked." });
    const own = TRANSITIONS.filter(({ who }) => who === "system");
    const ends = [await law.task(lapsed), await law.task(String(second)), await law.task(String(last))];
    expect(ends.map(({ status }) => status)).toEqual(["ready", "ready", "blocked"]);
    const kinds = (await law.rows("select distinct kind from os_events where entity = 'os_tasks'")).map(
      ({ kind }) => kind,
    );
    expect(kinds).toEqual(expect.arrayContaining(own.map(({ event }) => event)));
  });
});

/** What each guard says. */
const CODES: Readonly<Record<TransitionGuard, string>> = {
  acceptance: "MUSTER_ACCEPTANCE_REQUIRED",
  lease_free: "MUSTER_CLAIM_CONFLICT",
  dependencies: "MUSTER_DEPENDENCY_OPEN",
  capabilities: "MUSTER_CAPABILITY_MISSING",
  attempts: "MUSTER_ATTEMPTS_EXHAUSTED",
  wip: "MUSTER_WIP_LIMIT",
  paths: "MUSTER_PATH_RESERVED",
  fence: "MUSTER_FENCED",
  submission: "MUSTER_SUBMISSION_REQUIRED",
  block: "MUSTER_BLOCK_INCOMPLETE",
  evidence: "MUSTER_EVIDENCE_REQUIRED",
  checks: "MUSTER_EVIDENCE_REQUIRED",
  other_author: "MUSTER_SELF_REVIEW",
  other_family: "MUSTER_SAME_FAMILY",
  reason: "MUSTER_REASON_REQUIRED",
};

test("each guard of each step refuses by its own code, a plain write and the step's verb alike", async () => {
  await law.admin.query("update os_agents set max_wip = 100");
  const attempts = lackingSteps(law);
  const guarded = TRANSITIONS.filter(({ who }) => who !== "system").flatMap((step) =>
    step.guards.map((guard) => ({ step, guard, key: guardKey(step, guard) })),
  );
  expect(Object.keys(attempts).toSorted()).toEqual(guarded.map(({ key }) => key).toSorted());
  const wrong: string[] = [];
  let verbs = 0;
  for (const { step, guard, key } of guarded) {
    const attempt = await attempts[key]?.();
    if (attempt === undefined) continue;
    const { user, task, fields } = attempt;
    const plain = task === null ? createItem(law.directus, user, "os_tasks", fields) : law.patch(user, task, fields);
    const code = (await refusalOf(plain))?.code ?? "accepted";
    if (code !== CODES[guard]) wrong.push(`${key} by a plain write: ${code}`);
    const verb = byVerb(step, attempt);
    if (verb === null) continue;
    verbs += 1;
    const told = (await refusalOf(call(...verb)))?.code ?? "accepted";
    if (told !== CODES[guard]) wrong.push(`${key} by ${verb[0]}: ${told}`);
  }
  expect(wrong).toEqual([]);
  expect(verbs).toBe(guarded.filter(({ guard }) => guard !== "acceptance").length);
});
