import { describe, expect, test } from "vitest";
import { createItem, patchItems } from "../../test/support/directus-writes.ts";
import { addAgent, claim, refusalOf, STEWARD, submit, withLaw } from "../../test/support/law-fixture.ts";
import { toMusterError } from "../src/errors.ts";

const law = withLaw();

describe("claim", () => {
  test("makes the caller holder of the next epoch and starts a lease", async () => {
    const { id } = await law.addTask({ lease_seconds: 60 });
    const task = await law.patch(law.agents.a1, id, claim());
    expect(task).toMatchObject({
      status: "in_progress",
      assigned_to: law.agents.a1,
      claim_session: "s1",
      claim_epoch: 1,
      version: 2,
      fence: null,
    });
    expect(task["lease_expires_at"].getTime() - task["claimed_at"].getTime()).toBe(60_000);
    expect(await law.rows("select * from muster.leases where task = $1", [id])).toMatchObject([
      { kind: "work", epoch: 1, session: "s1", holder: law.agents.a1, expires_at: task["lease_expires_at"] },
    ]);
    expect(await law.rows("select * from os_claims where task = $1", [id])).toMatchObject([
      {
        attempt: 1,
        epoch: 1,
        kind: "work",
        holder: law.agents.a1,
        session: "s1",
        model_family: "alpha",
        ended_at: null,
      },
    ]);
  });

  test("is refused to everybody else while the lease lives, also with the holder's own session text", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    for (const session of ["s2", "s1"]) {
      expect(await law.refusal(law.agents.a2, id, claim(session))).toMatchObject({
        code: "MUSTER_CLAIM_CONFLICT",
        status: 409,
        extensions: { claim_epoch: 1 },
      });
    }
    expect(await law.refusal(law.agents.a1, id, claim("another-of-mine"))).toMatchObject({
      code: "MUSTER_CLAIM_CONFLICT",
    });
  });

  test("sent again with the same session renews the lease and keeps the epoch", async () => {
    const { id } = await law.addTask();
    const first = await law.patch(law.agents.a1, id, claim());
    const again = await law.patch(law.agents.a1, id, claim());
    expect(again).toMatchObject({ claim_epoch: 1, status: "in_progress", assigned_to: law.agents.a1 });
    expect(again["lease_expires_at"].getTime()).toBeGreaterThan(first["lease_expires_at"].getTime());
  });

  test("takes over after expiry and lock delay, and fences the old holder off", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim());
    await law.expire(id, 5);
    expect(await law.refusal(law.agents.a2, id, claim("s2"))).toMatchObject({ code: "MUSTER_CLAIM_CONFLICT" });
    await law.expire(id, 11);
    expect(await law.patch(law.agents.a2, id, claim("s2"))).toMatchObject({
      claim_epoch: 2,
      assigned_to: law.agents.a2,
      status: "in_progress",
    });
    expect(await law.refusal(law.agents.a1, id, { title: "Late", fence: 1 })).toMatchObject({
      code: "MUSTER_FENCED",
      status: 412,
    });
    expect(await law.refusal(law.agents.a1, id, submit)).toMatchObject({ code: "MUSTER_FENCED" });
    expect(
      await law.rows("select epoch, ended_by, outcome from os_claims where task = $1 order by epoch", [id]),
    ).toEqual([
      { epoch: 1, ended_by: "expired", outcome: "expired" },
      { epoch: 2, ended_by: null, outcome: null },
    ]);
  });

  test("waits for dependencies and names them", async () => {
    const dependency = await law.addTask();
    const { id } = await law.addTask();
    await createItem(law.directus, STEWARD, "os_task_dependencies", { task: id, depends_on: dependency["id"] });
    const refusal = await law.refusal(law.agents.a1, id, claim());
    expect(refusal).toMatchObject({ code: "MUSTER_DEPENDENCY_OPEN", status: 424 });
    expect(refusal.message).toContain(`#${dependency["number"]}`);
  });

  test("keeps to the agent's limit of open work, also in one batch", async () => {
    const tasks = [await law.addTask(), await law.addTask(), await law.addTask()].map(({ id }) => String(id));
    expect(await refusalOf(patchItems(law.directus, law.agents.a1, "os_tasks", tasks, claim()))).toMatchObject({
      code: "MUSTER_WIP_LIMIT",
      status: 429,
    });
    expect(await law.rows("select from muster.leases")).toHaveLength(0);
    for (const id of tasks.slice(0, 2)) await law.patch(law.agents.a1, id, claim());
    expect(await law.refusal(law.agents.a1, tasks[2] ?? "", claim())).toMatchObject({ code: "MUSTER_WIP_LIMIT" });
  });

  test("needs the task's capabilities", async () => {
    const { id } = await law.addTask({ required_capabilities: ["rust", "gpu"] });
    const smith = await addAgent(law.admin, law.directus, "smith", "gamma", { capabilities: ["gpu", "rust", "sql"] });
    const refusal = await law.refusal(law.agents.a1, id, claim());
    expect(refusal).toMatchObject({ code: "MUSTER_CAPABILITY_MISSING", status: 403 });
    expect(refusal.message).toContain("gpu, rust");
    await expect(law.patch(smith, id, claim())).resolves.toMatchObject({ assigned_to: smith });
  });

  test("is refused when another agent has reserved a path of the task for itself", async () => {
    const other = await law.addTask();
    const { id } = await law.addTask({ paths: ["src/api"] });
    const [agent] = await law.rows("select id from os_agents where name = 'b1'");
    await createItem(law.directus, STEWARD, "os_reservations", {
      task: other["id"],
      agent: agent?.["id"],
      path: "src/api/users.ts",
      expires_at: new Date(Date.now() + 60_000),
    });
    expect(await law.refusal(law.agents.a1, id, claim())).toMatchObject({ code: "MUSTER_PATH_RESERVED", status: 409 });
    await expect(law.patch(law.agents.b1, id, claim())).resolves.toMatchObject({ assigned_to: law.agents.b1 });
  });

  test.each(["triage", "blocked", "done", "cancelled"])("is refused on a task that is %s", async (status) => {
    const { id } = await law.addTask();
    await law.admin.query(
      `update os_tasks set status = $2, version = version + 1, blocked_type = case when $2 = 'blocked' then 'transient' end,
        done_at = case when $2 = 'done' then now() end where id = $1`,
      [id, status],
    );
    expect(await law.refusal(law.agents.a1, id, claim())).toMatchObject({ code: "MUSTER_NOT_CLAIMABLE", status: 422 });
  });

  test("is refused to suspended agents, unknown users and a write without a user", async () => {
    const { id } = await law.addTask();
    await law.admin.query("insert into directus_users values ('00000000-0000-4000-8000-0000000000ff')");
    await patchItems(
      law.directus,
      STEWARD,
      "os_agents",
      (await law.rows("select id from os_agents where name = 'a1'")).map((row) => String(row["id"])),
      {
        status: "suspended",
      },
    );
    expect(await law.refusal(law.agents.a1, id, claim())).toMatchObject({ code: "MUSTER_AGENT_SUSPENDED" });
    expect(await law.refusal("00000000-0000-4000-8000-0000000000ff", id, claim())).toMatchObject({
      code: "MUSTER_AGENT_UNKNOWN",
    });
    expect(await refusalOf(patchItems(law.directus, null, "os_tasks", [id], claim()))).toMatchObject({
      code: "MUSTER_NO_ACTOR",
      status: 401,
    });
  });

  test("comes alone: other fields need the fence that it gives", async () => {
    const { id } = await law.addTask();
    expect(await law.refusal(law.agents.a1, id, { ...claim(), title: "Mine" })).toMatchObject({
      code: "MUSTER_FENCE_REQUIRED",
      status: 428,
    });
    await expect(
      law.patch(law.agents.a1, id, { ...claim(), status: "in_progress", lease_seconds: 30 }),
    ).resolves.toMatchObject({
      claim_epoch: 1,
    });
  });

  test("has one winner when sixteen agents race", async () => {
    const racers: { user: string; client: Awaited<ReturnType<typeof law.database.connect>> }[] = [];
    for (let index = 0; index < 16; index += 1) {
      const user = await addAgent(law.admin, law.directus, `r${index}`, "alpha");
      racers.push({ user, client: await law.database.connect("muster_directus") });
    }
    for (const session of ["own", "shared", "own"]) {
      const { id } = await law.addTask();
      const results = await Promise.allSettled(
        racers.map(({ user, client }, index) =>
          patchItems(client, user, "os_tasks", [id], claim(session === "own" ? `s${index}` : session)),
        ),
      );
      const losers = results
        .filter((result) => result.status === "rejected")
        .map(({ reason }) => toMusterError(reason).code);
      expect(losers).toHaveLength(15);
      expect(new Set(losers)).toEqual(new Set(["MUSTER_CLAIM_CONFLICT"]));
      const winner = results.findIndex((result) => result.status === "fulfilled");
      expect(await law.task(id)).toMatchObject({ assigned_to: racers[winner]?.user, claim_epoch: 1, version: 2 });
      await law.patch(racers[winner]?.user ?? "", id, { status: "ready", fence: 1 });
    }
  });
});
