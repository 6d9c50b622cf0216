/** Claiming through the law's functions: what is best, what is skipped, who may, and that a repeated call changes nothing. */
import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type Answer, callVerb } from "../../test/support/call-verb.ts";
import { createItem } from "../../test/support/directus-writes.ts";
import { addAgent, claim, refusalOf, STEWARD, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();
const call = (verb: string, ...args: readonly unknown[]) => callVerb(law.directus, verb, ...args);
const codeOf = async (write: Promise<unknown>) => (await refusalOf(write))?.code ?? "accepted";
const idOf = (answer: Answer) => Reflect.get(Object(answer["task"]), "id");

describe("claim_next", () => {
  test("grants the claim with everything that the holder needs", async () => {
    const { id, number } = await law.addTask({ description: "All of it." });
    const grant = await call("claim_next", law.agents.a1, "s1");
    expect(grant).toMatchObject({
      claimed: true,
      kind: "work",
      fence: 1,
      token: "1.1",
      session: "s1",
      previous: [],
      handoff: [],
      task: { id, ref: `#${number}`, project: "demo", status: "in_progress", description: "All of it.", version: 2 },
    });
    expect(await law.task(id)).toMatchObject({ status: "in_progress", assigned_to: law.agents.a1, claim_epoch: 1 });
    const [event] = await law.rows("select * from os_events where entity_id = $1 order by version desc limit 1", [id]);
    expect(event).toMatchObject({ kind: "claimed", actor: law.agents.a1, actor_name: "a1", epoch: 1 });
  });

  test("takes priority first, then what unblocks most, then age", async () => {
    const plain = await law.addTask();
    const busy = await law.addTask();
    const urgent = await law.addTask({ priority: "P1" });
    const waiting = await law.addTask();
    await createItem(law.directus, STEWARD, "os_task_dependencies", { task: waiting["id"], depends_on: busy["id"] });
    const order: unknown[] = [];
    for (const agent of ["a1", "a1", "a2", "a2"] as const) {
      const answer = await call("claim_next", law.agents[agent], "s1");
      order.push(answer["claimed"] === true ? idOf(answer) : answer["reason"]);
    }
    expect(order).toEqual([urgent["id"], busy["id"], plain["id"], "nothing_ready"]);
  });

  test("finds a task that became more urgent after the head had moved on", async () => {
    const first = await law.addTask({ priority: "P2" });
    await law.addTask({ priority: "P3" });
    await call("claim_next", law.agents.a1, "s1");
    await call("tick");
    await call("release", law.agents.a1, first["id"], 1);
    const urgent = await law.addTask({ priority: "P0" });
    expect(idOf(await call("claim_next", law.agents.a1, "s1"))).toBe(urgent["id"]);
    expect(idOf(await call("claim_next", law.agents.a2, "s2"))).toBe(first["id"]);
  });

  test("skips unmet capabilities, reserved paths, open dependencies and other projects", async () => {
    await law.addTask({ required_capabilities: ["rust"] });
    const held = await law.addTask({ paths: ["src/api"] });
    await call("claim", law.agents.b1, held["id"], "s");
    await call("reserve_paths", law.agents.b1, held["id"], 1, ["src/api/"]);
    await law.addTask({ paths: ["src/api/users.ts"] });
    const open = await law.addTask({ priority: "P3" });
    const waiting = await law.addTask({ priority: "P0" });
    await createItem(law.directus, STEWARD, "os_task_dependencies", { task: waiting["id"], depends_on: open["id"] });
    const { id: other } = await createItem(law.directus, STEWARD, "os_projects", { key: "other", name: "Other" });
    const elsewhere = await law.addTask({ project: other, priority: "P0" });
    expect(idOf(await call("claim_next", law.agents.a1, "s", { project: "demo" }))).toBe(open["id"]);
    expect(await call("claim_next", law.agents.a1, "s", { project: "demo" })).toEqual({
      claimed: false,
      reason: "nothing_ready",
      retry_after_seconds: 5,
    });
    expect(idOf(await call("claim_next", law.agents.a1, "s", { project: "other" }))).toBe(elsewhere["id"]);
  });

  test("answers wip_limit when the agent holds all it may", async () => {
    for (let index = 0; index < 3; index += 1) await law.addTask();
    await call("claim_many", law.agents.a1, "s", 3);
    expect(await call("claim_next", law.agents.a1, "s")).toMatchObject({ claimed: false, reason: "wip_limit" });
    expect((await law.rows("select from muster.leases")).length).toBe(2);
  });

  test("gives reviews to those who may judge them, and passes on what one could not decide", async () => {
    const low = await law.submittedTask();
    const high = await law.submittedTask({ risk: "high", priority: "P0" });
    expect(await call("claim_next", law.agents.a1, "r", { kind: "review" })).toMatchObject({ claimed: false });
    expect(idOf(await call("claim_next", law.agents.a2, "r", { kind: "review" }))).toBe(low["id"]);
    const grant = await call("claim_next", law.agents.b1, "r", { kind: "review" });
    expect(grant).toMatchObject({ kind: "review", fence: 2, task: { id: high["id"], status: "in_review" } });
    await call("verdict", law.agents.b1, high["id"], 2, "inconclusive", "The runner timed out.");
    expect(await law.task(high["id"])).toMatchObject({ status: "in_review", claim_session: null });
    expect(await call("claim_next", law.agents.b1, "r", { kind: "review" })).toMatchObject({ claimed: false });
  });

  test("hands on what failed verification before, and what was handed off", async () => {
    const { id } = await law.submittedTask();
    await call("claim", law.agents.b1, id, "r");
    await call("verdict", law.agents.b1, id, 2, "fail", "2 of 9 tests fail.", {
      checks: [{ command: "npm test", exit_code: 1 }],
    });
    await call("claim", law.agents.a2, id, "s");
    await call("release", law.agents.a2, id, 3, "The fixture is stale.");
    expect(await call("claim_next", law.agents.a1, "s")).toMatchObject({
      previous: [{ attempt: 1, verdict: "fail", evidence: "2 of 9 tests fail.", checks: [{ exit_code: 1 }] }],
      handoff: [{ kind: "handoff", body: "The fixture is stale.", agent: "a2" }],
    });
  });

  test("takes over work whose holder is gone, when no tick came by", async () => {
    const { id } = await law.addTask();
    await call("claim_next", law.agents.a1, "s");
    await law.expire(id);
    expect(await call("claim_next", law.agents.a2, "s")).toMatchObject({ fence: 2, task: { id } });
    expect(await law.rows("select outcome from os_claims where task = $1 and epoch = 1", [id])).toEqual([
      { outcome: "expired" },
    ]);
  });

  test("refuses stewards, strangers, the suspended and wrong arguments", async () => {
    await law.addTask();
    expect(await codeOf(call("claim_next", null, "s"))).toBe("MUSTER_NO_ACTOR");
    expect(await codeOf(call("claim_next", STEWARD, "s"))).toBe("MUSTER_FIELD_PROTECTED");
    expect(await codeOf(call("claim_next", randomUUID(), "s"))).toBe("MUSTER_AGENT_UNKNOWN");
    for (const options of [{ kinds: "work" }, { kind: "play" }, { lease_seconds: "60" }, { lease_seconds: 5 }, []]) {
      expect(await codeOf(call("claim_next", law.agents.a1, "s", options)), JSON.stringify(options)).toBe(
        "MUSTER_VALUE_INVALID",
      );
    }
    for (const session of [null, "", "a\nb", "x".repeat(201)]) {
      expect(await codeOf(call("claim_next", law.agents.a1, session))).toBe("MUSTER_VALUE_INVALID");
    }
    expect(await codeOf(call("claim_next", law.agents.a1, "s", { project: "none" }))).toBe("MUSTER_REFERENCE_UNKNOWN");
    expect(await law.rows("select from muster.leases")).toEqual([]);
  });
});

describe("claim", () => {
  test("takes a task by id, number or #number, and the same session renews", async () => {
    const { id, number } = await law.addTask();
    const grant = await call("claim", law.agents.a1, `#${number}`, "s", { lease_seconds: 60 });
    expect(grant).toMatchObject({ fence: 1, lease_seconds: 60 });
    expect(await call("claim", law.agents.a1, String(number), "s")).toMatchObject({ fence: 1 });
    expect(await codeOf(call("claim", law.agents.a2, id, "s"))).toBe("MUSTER_CLAIM_CONFLICT");
    for (const unknown of ["#99999", randomUUID(), "x", "'; drop table os_tasks", "", null]) {
      expect(await codeOf(call("claim", law.agents.a1, unknown, "s")), String(unknown)).toBe("MUSTER_NOT_FOUND");
    }
  });

  test("is the same law as the PATCH of the raw protocol", async () => {
    const { id } = await law.addTask();
    await law.patch(law.agents.a1, id, claim("raw"));
    expect(await codeOf(call("claim", law.agents.a2, id, "verb"))).toBe("MUSTER_CLAIM_CONFLICT");
    await call("release", law.agents.a1, id, 1);
    await call("claim", law.agents.a2, id, "verb");
    expect((await law.refusal(law.agents.a1, id, claim("raw"))).code).toBe("MUSTER_CLAIM_CONFLICT");
    expect((await law.refusal(law.agents.a1, id, { title: "x", fence: 1 })).code).toBe("MUSTER_FENCED");
  });
});

describe("an operation id", () => {
  test("gives the recorded answer to a repeated call, and takes nothing more", async () => {
    await law.addTask();
    await law.addTask();
    const op = randomUUID();
    const first = await call("claim_next", law.agents.a1, "s", {}, op);
    expect(await call("claim_next", law.agents.a1, "s", {}, op)).toEqual(first);
    expect((await law.rows("select from muster.leases")).length).toBe(1);
  });

  test("belongs to one actor, verb and set of arguments", async () => {
    const { id } = await law.addTask();
    const op = randomUUID();
    await call("claim", law.agents.a1, id, "s", {}, op);
    expect(await codeOf(call("claim", law.agents.a2, id, "s", {}, op))).toBe("MUSTER_OPERATION_REUSED");
    expect(await codeOf(call("claim", law.agents.a1, id, "t", {}, op))).toBe("MUSTER_OPERATION_REUSED");
    expect(await codeOf(call("submit", law.agents.a1, id, 1, { commit: "c" }, op))).toBe("MUSTER_OPERATION_REUSED");
  });

  test("sent twice at once has one effect and one answer", async () => {
    for (let index = 0; index < 3; index += 1) await law.addTask();
    const op = randomUUID();
    const clients = await Promise.all([1, 2, 3, 4].map(() => law.database.connect("muster_directus")));
    const answers = await Promise.all(
      clients.map((client) => callVerb(client, "claim_next", law.agents.a1, "s", {}, op)),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await law.rows("select from muster.leases")).length).toBe(1);
  });
});

test("sixteen at once: each task has one winner, and nobody waits for a task that another is claiming", async () => {
  const tasks = 48;
  for (let index = 0; index < tasks; index += 1) await law.addTask();
  const racers = await Promise.all(
    Array.from({ length: 16 }, async (_, index) => ({
      client: await law.database.connect("muster_directus"),
      user: await addAgent(law.admin, law.directus, `r${index}`, "alpha", { max_wip: 100 }),
    })),
  );
  const won: unknown[] = [];
  await Promise.all(
    racers.map(async ({ client, user }) => {
      for (;;) {
        const answer = await callVerb(client, "claim_next", user, "race");
        if (answer["claimed"] !== true) return;
        won.push(idOf(answer));
      }
    }),
  );
  expect(won).toHaveLength(tasks);
  expect(new Set(won).size).toBe(tasks);
  expect(await law.rows("select from os_claims c group by c.task having count(*) <> 1")).toEqual([]);
  expect(await law.rows("select from muster.queue")).toEqual([]);
});
