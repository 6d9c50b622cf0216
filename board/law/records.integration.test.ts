import { describe, expect, test } from "vitest";
import { createItem, patchItems } from "../../test/support/directus-writes.ts";
import { claim, refusalOf, STEWARD, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();

describe("other records", () => {
  test("only stewards write agents, prompts, projects and dependencies", async () => {
    const [agent] = await law.rows("select id from os_agents where name = 'a1'");
    expect(
      await refusalOf(patchItems(law.directus, law.agents.a1, "os_agents", [agent?.["id"]], { model_family: "beta" })),
    ).toMatchObject({ code: "MUSTER_STEWARD_ONLY" });
    expect(await refusalOf(createItem(law.directus, law.agents.a1, "os_prompts", { name: "p" }))).toMatchObject({
      code: "MUSTER_STEWARD_ONLY",
    });
    expect(
      await refusalOf(createItem(law.directus, law.agents.a1, "os_projects", { key: "p", name: "P" })),
    ).toMatchObject({
      code: "MUSTER_STEWARD_ONLY",
    });
    await expect(patchItems(law.directus, law.agents.a1, "os_agents", [agent?.["id"]], {})).resolves.toHaveLength(1);
  });

  test("a note bears its writer's name, whatever was sent", async () => {
    const { id } = await law.addTask();
    const agents = new Map((await law.rows("select name, id from os_agents")).map((row) => [row["name"], row["id"]]));
    const note = await createItem(law.directus, law.agents.a1, "os_notes", {
      task: id,
      body: "Look.",
      agent: agents.get("b1"),
    });
    expect(note["agent"]).toBe(agents.get("a1"));
    expect(
      await refusalOf(patchItems(law.directus, law.agents.a1, "os_notes", [note["id"]], { body: "Changed." })),
    ).toMatchObject({
      code: "MUSTER_STEWARD_ONLY",
    });
    expect((await createItem(law.directus, STEWARD, "os_notes", { task: id, body: "Seen." }))["agent"]).toBeNull();
  });

  test("dependencies close no circle", async () => {
    const tasks = [await law.addTask(), await law.addTask(), await law.addTask()].map(({ id }) => id);
    const depend = (task: number, on: number) =>
      createItem(law.directus, STEWARD, "os_task_dependencies", { task: tasks[task], depends_on: tasks[on] });
    await depend(0, 1);
    await depend(1, 2);
    expect(await refusalOf(depend(2, 0))).toMatchObject({ code: "MUSTER_DEPENDENCY_CYCLE", status: 422 });
    expect(await refusalOf(depend(1, 1))).toMatchObject({ code: "MUSTER_DEPENDENCY_CYCLE" });
  });
});

describe("events", () => {
  test("tell a task's whole life, gapless, chained, and fold back to the row", async () => {
    const { id } = await law.submittedTask();
    await law.patch(law.agents.b1, id, claim("review"));
    await law.patch(law.agents.b1, id, { status: "ready", fence: 2, evidence: "no" });
    await law.patch(law.agents.a1, id, claim());
    await law.patch(law.agents.a1, id, claim());
    await law.patch(law.agents.a1, id, { description: "More.", fence: 3 });
    await law.patch(STEWARD, id, { status: "ready" });
    await law.patch(STEWARD, id, { status: "cancelled", status_reason: "Enough." });
    const events = await law.rows(
      "select * from os_events where entity = 'os_tasks' and entity_id = $1 order by version",
      [id],
    );
    expect(events.map(({ kind, actor_name, version }) => [version, kind, actor_name])).toEqual([
      [1, "created", "steward"],
      [2, "claimed", "a1"],
      [3, "submitted", "a1"],
      [4, "review_claimed", "b1"],
      [5, "rejected", "b1"],
      [6, "claimed", "a1"],
      [7, "renewed", "a1"],
      [8, "edited", "a1"],
      [9, "requeued", "steward"],
      [10, "cancelled", "steward"],
    ]);
    const [row] = await law.rows("select to_jsonb(t) as task from os_tasks t where id = $1", [id]);
    expect(Object.assign({}, ...events.map(({ after }) => after))).toEqual(row?.["task"]);
    expect(await law.rows("select * from muster.broken_event_chains()")).toEqual([]);
  });

  test("name the board itself for what it does", async () => {
    const first = await law.submittedTask();
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    await law.patch(law.agents.a1, id, {
      status: "blocked",
      fence: 1,
      blocked_type: "dependency",
      blocked_reason: "Waits.",
    });
    await createItem(law.directus, STEWARD, "os_task_dependencies", { task: id, depends_on: first["id"] });
    await law.patch(law.agents.b1, first["id"], claim());
    await law.patch(law.agents.b1, first["id"], { status: "done", fence: 2, evidence: "ok" });
    const [last] = await law.rows("select * from os_events where entity_id = $1 order by version desc limit 1", [id]);
    expect(last).toMatchObject({ kind: "unblocked", actor: null, actor_name: "muster", version: 4 });
    const kinds = await law.rows(
      "select entity, kind from os_events where entity in ('os_verifications', 'os_task_dependencies')",
    );
    expect(kinds).toHaveLength(2);
  });

  test("a changed row breaks the chain visibly", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    await law.admin.query("set session_replication_role = replica");
    await law.admin.query("update os_events set actor_name = 'nobody' where entity_id = $1 and version = 1", [id]);
    expect(await law.rows("select version from muster.broken_event_chains()")).toEqual([{ version: 1 }]);
  });
});
