/** Who may call what: every function of the law × every login, and every verb × every kind of caller. */
import { describe, expect, test } from "vitest";
import { type Answer, callVerb } from "../../test/support/call-verb.ts";
import { createItem } from "../../test/support/directus-writes.ts";
import { refusalOf, STEWARD, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();
const codeOf = async (write: Promise<unknown>) => (await refusalOf(write))?.code ?? "accepted";

/** Arguments after the actor that pass every check of shape; the task is number 1 and nobody holds it. */
const ACTOR_VERBS: Readonly<Record<string, readonly unknown[]>> = {
  claim_next: ["s"],
  claim: ["1", "s"],
  claim_many: ["s", 1],
  heartbeat: ["1", 1],
  heartbeat_many: [[{ task: "1", fence: 1 }]],
  submit: ["1", 1, { commit: "c" }],
  release: ["1", 1],
  fail_task: ["1", 1, "Why."],
  block: ["1", 1, { type: "transient", reason: "r" }],
  verdict: ["1", 1, "pass", "ok"],
  complete_many: [[{ task: "1", fence: 1, commit: "c" }]],
  advance: ["s", { task: "1", fence: 1, commit: "c" }],
  keep_late: ["1", 1, { commit: "c" }],
  steal: ["1", "Why."],
  reopen: ["1", "Why."],
  cancel: ["1", "Why."],
  add_task: [{ project: "demo", title: "T" }],
  add_tasks: [[{ project: "demo", title: "T" }]],
  add_dependency: ["1", "2"],
  remove_dependency: ["1", "2"],
  add_note: ["1", "Body."],
  reserve_paths: ["1", 1, ["src"]],
  release_paths: ["1"],
  report_usage: ["1", 1, { tokens_in: 1 }],
  join_session: ["s"],
  end_session: ["s"],
  apply_op: ["00000000-0000-4000-8000-0000000000aa", { verb: "add_note", args: { task: "1", body: "b" } }],
};
const OTHER_VERBS = ["check_fence", "show_task", "tick", "events_since"];
/** The check of os_tasks runs as whoever writes the row; it reads nothing else. */
const CHECKS = ["is_task_sound"];
const GRANTED = [...Object.keys(ACTOR_VERBS), ...OTHER_VERBS, ...CHECKS].sort();

/** Part of views that portal and search read. A function in a view is run by whoever reads the view; without usage on the schema nobody can name it. */
const IN_VIEWS = ["hidden_rows"];

test("Directus may call the verbs and nothing else; portal and search what their views are made of, by no name, and public nothing at all", async () => {
  const rows = await law.rows(`
    select p.proname as name, r.role from pg_proc p, unnest(array['muster_directus', 'muster_portal', 'muster_rag', 'public']) r (role)
    where p.pronamespace = 'muster'::regnamespace and has_function_privilege(r.role, p.oid, 'execute') order by 1, 2`);
  const granted = GRANTED.map((name) => ({ name, role: "muster_directus" }));
  const inViews = IN_VIEWS.flatMap((name) => ["muster_portal", "muster_rag"].map((role) => ({ name, role })));
  expect(rows).toEqual([...granted, ...inViews].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)));
});

test("no login but the owner may touch a table or sequence of the law", async () => {
  const rows = await law.rows(`
    select c.relname, r.role from pg_class c, unnest(array['muster_directus', 'muster_portal', 'muster_rag', 'public']) r (role)
    where c.relnamespace = 'muster'::regnamespace and (
      c.relkind = 'r' and has_table_privilege(r.role, c.oid, 'select, insert, update, delete')
      or c.relkind = 'S' and has_sequence_privilege(r.role, c.oid, 'usage, select, update'))`);
  expect(rows).toEqual([]);
});

test.each(["muster_portal", "muster_rag"] as const)("%s is refused at every function of the law", async (role) => {
  const client = await law.database.connect(role);
  for (const [verb, args] of Object.entries(ACTOR_VERBS)) {
    await expect(callVerb(client, verb, law.agents.a1, ...args), verb).rejects.toMatchObject({ code: "42501" });
  }
  for (const name of IN_VIEWS) {
    await expect(client.query(`select * from muster.${name}()`), name).rejects.toMatchObject({ code: "42501" });
  }
});

/** Callers of the matrix, in the order of its columns. The suspended one is the holder, suspended; the verifier reviews the same task. */
const CALLERS = ["none", "stranger", "suspended", "agent", "holder", "verifier", "steward"] as const;
type Caller = (typeof CALLERS)[number];

/** Codes without MUSTER_, one for each caller; "stale" and codes of refusals inside an answer count as they are read there. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  claim_next: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "accepted", "accepted", "accepted", "FIELD_PROTECTED"],
  claim: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "CLAIM_CONFLICT", "accepted", "accepted", "FIELD_PROTECTED"],
  claim_many: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "accepted", "accepted", "accepted", "FIELD_PROTECTED"],
  heartbeat: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "FENCED", "accepted", "accepted", "AGENT_UNKNOWN"],
  heartbeat_many: ["NO_ACTOR", "stale", "stale", "stale", "accepted", "accepted", "stale"],
  submit: [
    "NO_ACTOR",
    "AGENT_UNKNOWN",
    "AGENT_SUSPENDED",
    "FENCED",
    "accepted",
    "TRANSITION_ILLEGAL",
    "TRANSITION_ILLEGAL",
  ],
  release: ["NO_ACTOR", "FENCED", "AGENT_SUSPENDED", "FENCED", "accepted", "accepted", "accepted"],
  fail_task: ["NO_ACTOR", "FENCED", "AGENT_SUSPENDED", "FENCED", "accepted", "accepted", "accepted"],
  block: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "FENCED", "accepted", "STEWARD_ONLY", "accepted"],
  verdict: [
    "NO_ACTOR",
    "FENCED",
    "TRANSITION_ILLEGAL",
    "FENCED",
    "TRANSITION_ILLEGAL",
    "accepted",
    "TRANSITION_ILLEGAL",
  ],
  complete_many: [
    "NO_ACTOR",
    "AGENT_UNKNOWN",
    "AGENT_SUSPENDED",
    "FENCED",
    "accepted",
    "TRANSITION_ILLEGAL",
    "TRANSITION_ILLEGAL",
  ],
  advance: [
    "NO_ACTOR",
    "AGENT_UNKNOWN",
    "AGENT_SUSPENDED",
    "FENCED",
    "accepted",
    "TRANSITION_ILLEGAL",
    "TRANSITION_ILLEGAL",
  ],
  keep_late: ["NO_ACTOR", "NOT_HOLDER", "NOT_HOLDER", "NOT_HOLDER", "NOT_HOLDER", "NOT_HOLDER", "NOT_HOLDER"],
  steal: ["NO_ACTOR", "STEWARD_ONLY", "STEWARD_ONLY", "STEWARD_ONLY", "STEWARD_ONLY", "STEWARD_ONLY", "accepted"],
  reopen: [
    "NO_ACTOR",
    "STEWARD_ONLY",
    "STEWARD_ONLY",
    "STEWARD_ONLY",
    "STEWARD_ONLY",
    "STEWARD_ONLY",
    "TRANSITION_ILLEGAL",
  ],
  cancel: ["NO_ACTOR", "STEWARD_ONLY", "STEWARD_ONLY", "STEWARD_ONLY", "STEWARD_ONLY", "STEWARD_ONLY", "accepted"],
  add_task: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "accepted", "accepted", "accepted", "accepted"],
  add_tasks: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "accepted", "accepted", "accepted", "accepted"],
  add_dependency: [
    "NO_ACTOR",
    "AGENT_UNKNOWN",
    "AGENT_SUSPENDED",
    "STEWARD_ONLY",
    "accepted",
    "STEWARD_ONLY",
    "accepted",
  ],
  remove_dependency: [
    "NO_ACTOR",
    "AGENT_UNKNOWN",
    "AGENT_SUSPENDED",
    "STEWARD_ONLY",
    "STEWARD_ONLY",
    "STEWARD_ONLY",
    "accepted",
  ],
  add_note: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "accepted", "accepted", "accepted", "accepted"],
  reserve_paths: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "FENCED", "accepted", "accepted", "AGENT_UNKNOWN"],
  release_paths: ["NO_ACTOR", "accepted", "accepted", "accepted", "accepted", "accepted", "accepted"],
  report_usage: ["NO_ACTOR", "NOT_HOLDER", "accepted", "NOT_HOLDER", "accepted", "accepted", "NOT_HOLDER"],
  join_session: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "accepted", "accepted", "accepted", "AGENT_UNKNOWN"],
  end_session: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "accepted", "accepted", "accepted", "AGENT_UNKNOWN"],
  apply_op: ["NO_ACTOR", "AGENT_UNKNOWN", "AGENT_SUSPENDED", "accepted", "accepted", "accepted", "accepted"],
};

describe("every verb", () => {
  /** What each verb answers the caller, each tried on the same board: task 1 is the caller's if it can be, task 2 nobody's. */
  async function codesOf(caller: Caller): Promise<Readonly<Record<string, string>>> {
    const { rows } = await law.admin.query("insert into directus_users values (gen_random_uuid(), null) returning id");
    const { a1: holder, b1: verifier, a2: agent } = law.agents;
    const users = { none: null, stranger: rows[0]?.id, suspended: holder, agent, holder, verifier, steward: STEWARD };
    const { id } = caller === "verifier" ? await law.submittedTask() : await law.addTask();
    await callVerb(law.directus, "claim", caller === "verifier" ? verifier : holder, id, "s");
    await law.addTask();
    if (caller === "suspended") await law.admin.query("update os_agents set status = 'suspended' where name = 'a1'");
    const events = async () => (await law.directus.query("select count(*) as n from os_events")).rows[0]?.n;
    const before = await events();
    const codes: Record<string, string> = {};
    for (const [verb, args] of Object.entries(ACTOR_VERBS)) {
      const sent = caller === "verifier" ? args.map((arg) => reviewed(arg)) : args;
      await law.directus.query("begin");
      codes[verb] = await outcomeOf(callVerb(law.directus, verb, users[caller], ...sent));
      // A thrown refusal has ended the transaction; one inside an answer must have written nothing.
      if (codes[verb] !== "accepted") expect(await events().catch(() => before), verb).toBe(before);
      await law.directus.query("rollback");
    }
    return codes;
  }
  /** A refusal, thrown or inside the answer; "stale" of a beat that was none; else "accepted". */
  async function outcomeOf(verb: Promise<Answer>): Promise<string> {
    let answer: Answer = {};
    const code = await codeOf(
      verb.then((given) => {
        answer = given;
      }),
    );
    const inside = /"code": ?"(MUSTER_\w+)"/.exec(JSON.stringify(answer))?.[1] ?? code;
    const stale = answer["stale"];
    return (Array.isArray(stale) && stale.length > 0 ? "stale" : inside).replace("MUSTER_", "");
  }
  /** The same arguments under the review's fence. */
  const reviewed = (arg: unknown): unknown =>
    JSON.parse(JSON.stringify(arg === 1 ? 2 : arg).replaceAll('"fence":1', '"fence":2'));

  test.each(CALLERS)("answers %s as the table says", async (caller) => {
    const column = CALLERS.indexOf(caller);
    const expected = Object.entries(ANSWERS).map(([verb, codes]) => [verb, codes[column] ?? "no entry"]);
    expect(await codesOf(caller)).toEqual(Object.fromEntries(expected));
  });

  test("keeps SQL out of what it is told", async () => {
    await law.addTask({ title: "Kept" });
    const nasty = "'; drop table os_tasks; --";
    await codeOf(callVerb(law.directus, "claim_next", law.agents.a1, nasty));
    await codeOf(callVerb(law.directus, "add_note", law.agents.a1, "1", nasty));
    await codeOf(callVerb(law.directus, "add_task", STEWARD, { project: nasty, title: nasty }));
    await createItem(law.directus, STEWARD, "os_projects", { key: "x", name: nasty });
    expect((await law.rows("select from os_tasks")).length).toBe(1);
  });
});
