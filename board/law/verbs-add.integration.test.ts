/** Adding through the law's functions: tasks, dependencies, notes, reservations, usage, sessions, and what show tells. */
import { describe, expect, test } from "vitest";
import { type Answer, callVerb } from "../../test/support/call-verb.ts";
import { refusalOf, STEWARD, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();
const call = (verb: string, ...args: readonly unknown[]) => callVerb(law.directus, verb, ...args);
const codeOf = async (write: Promise<unknown>) => (await refusalOf(write))?.code ?? "accepted";
const acceptance = [{ id: "a1", text: "It is done." }];
const text = (answer: Answer, key: string) => String(answer[key]);

describe("add_task", () => {
  test("of an agent starts in triage, of a steward also ready; both with their author's event", async () => {
    const mine = await call("add_task", law.agents.a1, { project: "demo", title: "Look into it", priority: "P1" });
    expect(mine).toMatchObject({ status: "triage", version: 1, claim_epoch: 0 });
    const ready = await call("add_task", STEWARD, {
      project: law.project,
      title: "Do it",
      status: "ready",
      acceptance,
    });
    expect(ready).toMatchObject({ status: "ready" });
    const events = await law.rows(
      "select kind, actor, actor_name, version from os_events where entity = 'os_tasks' order by id",
    );
    expect(events).toEqual([
      { kind: "created", actor: law.agents.a1, actor_name: "a1", version: 1 },
      { kind: "created", actor: STEWARD, actor_name: "steward", version: 1 },
    ]);
    expect(await call("claim_next", law.agents.a1, "s")).toMatchObject({ task: { id: ready["id"] } });
  });

  test("is refused ready from agents, without acceptance, unknown in project, phase or key, and with odd values", async () => {
    const base = { project: "demo", title: "T" };
    expect(await codeOf(call("add_task", law.agents.a1, { ...base, status: "ready", acceptance }))).toBe(
      "MUSTER_STEWARD_ONLY",
    );
    expect(await codeOf(call("add_task", STEWARD, { ...base, status: "ready" }))).toBe("MUSTER_ACCEPTANCE_REQUIRED");
    expect(await codeOf(call("add_task", STEWARD, { ...base, status: "done", acceptance }))).toBe(
      "MUSTER_TRANSITION_ILLEGAL",
    );
    expect(await codeOf(call("add_task", STEWARD, { ...base, project: "none" }))).toBe("MUSTER_REFERENCE_UNKNOWN");
    expect(await codeOf(call("add_task", STEWARD, { ...base, phase: "P9" }))).toBe("MUSTER_REFERENCE_UNKNOWN");
    for (const wrong of [
      { claim_epoch: 4 },
      { title: 5 },
      { title: null },
      { priority: "P9" },
      { lease_seconds: 1 },
      { paths: "src" },
      { acceptance: [{ id: "a1", text: "It passes.", check: "" }] },
      { acceptance: [{ id: "a1", text: "It passes.", check: 5 }] },
      { acceptance: [{ id: "a1", text: "It passes.", checks: "npm test" }] },
      { acceptance: [{ id: "a1", check: "npm test" }] },
      { acceptance: ["It passes."] },
    ]) {
      expect(await codeOf(call("add_task", STEWARD, { ...base, ...wrong })), JSON.stringify(wrong)).toBe(
        "MUSTER_VALUE_INVALID",
      );
    }
    expect(await law.rows("select from os_tasks")).toEqual([]);
  });

  test("many are all or nothing, and may depend on earlier ones of the call", async () => {
    const ready = { project: "demo", status: "ready", acceptance };
    const { tasks } = await call("add_tasks", STEWARD, [
      { ...ready, title: "First" },
      { ...ready, title: "Second", depends_on: ["@0"] },
    ]);
    expect(tasks).toHaveLength(2);
    expect(await law.rows("select count(*)::int as n from muster.queue")).toEqual([{ n: 1 }]);
    expect(
      await codeOf(
        call("add_tasks", STEWARD, [
          { ...ready, title: "Third" },
          { ...ready, title: "x", depends_on: ["@5"] },
        ]),
      ),
    ).toBe("MUSTER_VALUE_INVALID");
    expect((await law.rows("select from os_tasks")).length).toBe(2);
  });
});

test("dependencies: a circle is refused, agents say what their own tasks wait for, and removal lets the task go", async () => {
  const first = text(
    await call("add_task", STEWARD, { project: "demo", title: "A", status: "ready", acceptance }),
    "id",
  );
  const second = text(
    await call("add_task", STEWARD, { project: "demo", title: "B", status: "ready", acceptance }),
    "id",
  );
  expect(await codeOf(call("add_dependency", law.agents.a1, second, first))).toBe("MUSTER_STEWARD_ONLY");
  expect(await call("add_dependency", STEWARD, second, first)).toMatchObject({ added: true });
  expect(await call("add_dependency", STEWARD, second, first)).toMatchObject({ added: false });
  expect(await codeOf(call("add_dependency", STEWARD, first, second))).toBe("MUSTER_DEPENDENCY_CYCLE");
  expect(await codeOf(call("add_dependency", STEWARD, first, first))).toBe("MUSTER_DEPENDENCY_CYCLE");
  expect(await codeOf(call("claim", law.agents.a1, second, "s"))).toBe("MUSTER_DEPENDENCY_OPEN");
  expect(await codeOf(call("remove_dependency", law.agents.a1, second, first))).toBe("MUSTER_STEWARD_ONLY");
  expect(await call("remove_dependency", STEWARD, second, first)).toMatchObject({ removed: true });
  expect(await call("claim", law.agents.a1, second, "s")).toMatchObject({ fence: 1 });
  expect(await call("add_dependency", law.agents.a1, second, first)).toMatchObject({ added: true });
  expect(await law.rows("select kind from os_events where entity = 'os_task_dependencies' order by id")).toEqual([
    { kind: "created" },
    { kind: "removed" },
    { kind: "created" },
  ]);
});

test("two halves of a circle added at once: one is refused", async () => {
  const first = text(await call("add_task", law.agents.a1, { project: "demo", title: "A" }), "id");
  const second = text(await call("add_task", law.agents.a1, { project: "demo", title: "B" }), "id");
  const other = await law.database.connect("muster_directus");
  const answers = await Promise.all([
    codeOf(call("add_dependency", STEWARD, first, second)),
    codeOf(callVerb(other, "add_dependency", STEWARD, second, first)),
  ]);
  expect(answers.filter((code) => code === "accepted")).toHaveLength(1);
});

describe("reservations", () => {
  test("are a holder's, keep others off, and end with the claim", async () => {
    const { id } = await law.addTask();
    const { id: other } = await law.addTask();
    await call("claim", law.agents.a1, id, "s");
    await call("claim", law.agents.b1, other, "s");
    expect(await codeOf(call("reserve_paths", law.agents.a2, id, 1, ["src"]))).toBe("MUSTER_FENCED");
    expect(await call("reserve_paths", law.agents.a1, id, 1, ["./src/api/", "docs"])).toMatchObject({
      reserved: [{ path: "docs" }, { path: "src/api", mode: "exclusive" }],
    });
    for (const path of ["src", "src/api", "src/api/x.ts"]) {
      expect(await codeOf(call("reserve_paths", law.agents.b1, other, 1, [path])), path).toBe("MUSTER_PATH_RESERVED");
    }
    expect(await call("reserve_paths", law.agents.b1, other, 1, ["src/apis"], "shared")).toMatchObject({
      reserved: [{ path: "src/apis" }],
    });
    for (const path of ["../x", "", "/", "a/../b", 5]) {
      expect(await codeOf(call("reserve_paths", law.agents.a1, id, 1, [path])), String(path)).toBe(
        "MUSTER_VALUE_INVALID",
      );
    }
    expect(await call("release_paths", law.agents.a1, id, ["docs"])).toEqual({ released: ["docs"] });
    await call("release", law.agents.a1, id, 1);
    expect(await call("reserve_paths", law.agents.b1, other, 1, ["src/api"])).toMatchObject({
      reserved: [{ path: "src/api" }],
    });
  });

  test("asked for at once by two: one gets the path", async () => {
    const tasks = [await law.addTask(), await law.addTask()].map(({ id }) => String(id));
    await call("claim", law.agents.a1, tasks[0], "s");
    await call("claim", law.agents.b1, tasks[1], "s");
    const other = await law.database.connect("muster_directus");
    const answers = await Promise.all([
      codeOf(call("reserve_paths", law.agents.a1, tasks[0], 1, ["src"])),
      codeOf(callVerb(other, "reserve_paths", law.agents.b1, tasks[1], 1, ["src/x"])),
    ]);
    expect(answers.sort()).toEqual(["MUSTER_PATH_RESERVED", "accepted"]);
  });
});

test("notes, usage, sessions and show tell one story", async () => {
  const { id } = await law.addTask();
  expect(await call("join_session", law.agents.a1, "s", { client: "cli" })).toMatchObject({
    agent: { name: "a1" },
    claims: [],
  });
  await call("claim", law.agents.a1, id, "s");
  expect(await call("join_session", law.agents.a1, "s")).toMatchObject({
    claims: [{ task: id, fence: 1, token: "1.1" }],
  });
  await call("add_note", law.agents.a1, id, "Found it.", "finding");
  expect(await codeOf(call("add_note", law.agents.a1, id, "x", "poem"))).toBe("MUSTER_VALUE_INVALID");
  expect(await codeOf(call("add_note", law.agents.a1, id, " "))).toBe("MUSTER_VALUE_INVALID");
  await call("report_usage", law.agents.a1, id, 1, { tokens_in: 5, tokens_out: 1 });
  await call("report_usage", law.agents.a1, id, 1, { tokens_in: 7, cost_usd: 0.5 });
  expect(await codeOf(call("report_usage", law.agents.a2, id, 1, { tokens_in: 5 }))).toBe("MUSTER_NOT_HOLDER");
  expect(await law.rows("select tokens_in, tokens_out, cost_usd from os_claims")).toEqual([
    { tokens_in: 12, tokens_out: 1, cost_usd: "0.5000" },
  ]);
  expect(await call("show_task", id)).toMatchObject({
    task: { id, status: "in_progress" },
    lease: { agent: "a1", fence: 1 },
    notes: [{ kind: "finding", body: "Found it.", agent: "a1" }],
    claims: [{ epoch: 1, agent: "a1", outcome: null }],
  });
  expect(await call("end_session", law.agents.a1, "s")).toEqual({ ended: true, released: [id] });
  expect(await law.task(id)).toMatchObject({ status: "ready" });
});
