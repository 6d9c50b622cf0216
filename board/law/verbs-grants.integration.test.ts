/** Who may call what: every function of the law × every login, and every verb × every kind of caller. */
import { describe, expect, test } from "vitest";
import { callVerb } from "../../test/support/call-verb.ts";
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

test("Directus may call the verbs and nothing else; portal, search and public nothing at all", async () => {
  const rows = await law.rows(`
    select p.proname as name, r.role from pg_proc p, unnest(array['muster_directus', 'muster_portal', 'muster_rag', 'public']) r (role)
    where p.pronamespace = 'muster'::regnamespace and has_function_privilege(r.role, p.oid, 'execute') order by 1`);
  expect(rows).toEqual(GRANTED.map((name) => ({ name, role: "muster_directus" })));
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
});

describe("every verb", () => {
  test("needs an actor", async () => {
    await law.addTask();
    await law.addTask();
    for (const [verb, args] of Object.entries(ACTOR_VERBS)) {
      expect(await codeOf(callVerb(law.directus, verb, null, ...args)), verb).toBe("MUSTER_NO_ACTOR");
    }
  });

  test("is refused to a suspended agent, as far as it would write", async () => {
    const [first] = [await law.addTask(), await law.addTask()];
    await callVerb(law.directus, "claim", law.agents.a1, first?.["id"], "s");
    await law.admin.query("update os_agents set status = 'suspended' where name = 'a1'");
    const before = await law.rows("select count(*)::int as n from os_events");
    const passes: string[] = [];
    for (const [verb, args] of Object.entries(ACTOR_VERBS)) {
      if ((await codeOf(callVerb(law.directus, verb, law.agents.a1, ...args))) === "accepted") passes.push(verb);
    }
    // Usage and freed paths change no record of work; those that answer refusals say so inside.
    expect(passes).toEqual(["heartbeat_many", "complete_many", "release_paths", "report_usage", "apply_op"]);
    expect(await law.rows("select count(*)::int as n from os_events")).toEqual(before);
  });

  test("of a steward is refused to agents", async () => {
    await law.addTask();
    await law.addTask();
    for (const verb of ["steal", "reopen", "cancel", "add_dependency", "remove_dependency"]) {
      expect(await codeOf(callVerb(law.directus, verb, law.agents.a1, ...(ACTOR_VERBS[verb] ?? []))), verb).toBe(
        "MUSTER_STEWARD_ONLY",
      );
    }
  });

  test("of a holder is refused to a stranger, and leaves no trace", async () => {
    const { id } = await law.addTask();
    await callVerb(law.directus, "claim", law.agents.a1, id, "s");
    const before = await law.rows("select count(*)::int as n from os_events");
    for (const verb of [
      "heartbeat",
      "submit",
      "release",
      "fail_task",
      "block",
      "verdict",
      "advance",
      "reserve_paths",
    ]) {
      expect(await codeOf(callVerb(law.directus, verb, law.agents.a2, ...(ACTOR_VERBS[verb] ?? []))), verb).toBe(
        "MUSTER_FENCED",
      );
    }
    expect(await law.rows("select count(*)::int as n from os_events")).toEqual(before);
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
