/** Time and its traps: heartbeats, expiry, outages, timers, restores, and a reader that skips no late commit. */
import { describe, expect, test } from "vitest";
import { type Answer, callVerb } from "../../test/support/call-verb.ts";
import { patchItems } from "../../test/support/directus-writes.ts";
import { claim, refusalOf, STEWARD, submit, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();
const call = (verb: string, ...args: readonly unknown[]) => callVerb(law.directus, verb, ...args);
const codeOf = async (write: Promise<unknown>) => (await refusalOf(write))?.code ?? "accepted";
const leases = () => law.rows("select * from muster.leases");
const lastTick = (secondsAgo: number) =>
  law.admin.query(
    `insert into muster.pulse (ticked_at) values (clock_timestamp() - make_interval(secs => $1))
     on conflict (one) do update set ticked_at = excluded.ticked_at`,
    [secondsAgo],
  );

async function claimed(agent = law.agents.a1): Promise<string> {
  const { id } = await law.addTask();
  await call("claim", agent, id, "s");
  return String(id);
}

describe("heartbeat", () => {
  test("prolongs the lease by its own length and leaves task and trail alone", async () => {
    const id = await claimed();
    await law.expire(id, 5);
    const before = await law.task(id);
    const answer = await call("heartbeat", law.agents.a1, id, 1);
    expect(answer).toMatchObject({ task: id, fence: 1 });
    const [lease] = await leases();
    expect(lease?.["expires_at"] - lease?.["heartbeat_at"]).toBeGreaterThan(890_000);
    expect(await law.task(id)).toEqual(before);
  });

  test("is refused with a dead fence, without one, from others and of no task", async () => {
    const id = await claimed();
    expect(await codeOf(call("heartbeat", law.agents.a1, id, 2))).toBe("MUSTER_FENCED");
    expect(await codeOf(call("heartbeat", law.agents.a2, id, 1))).toBe("MUSTER_FENCED");
    expect(await codeOf(call("heartbeat", law.agents.a1, id, null))).toBe("MUSTER_FENCE_REQUIRED");
    expect(await codeOf(call("heartbeat", law.agents.a1, "#999", 1))).toBe("MUSTER_NOT_FOUND");
  });

  test("for many says which are stale", async () => {
    const id = await claimed();
    const other = await claimed(law.agents.a2);
    const items = [
      { task: id, fence: 1 },
      { task: other, fence: 1 },
    ];
    expect(await call("heartbeat_many", law.agents.a1, items)).toMatchObject({
      renewed: [{ task: id }],
      stale: [{ task: other, fence: 1 }],
    });
  });

  test("is a hot update", async () => {
    const id = await claimed();
    const stats =
      "select n_tup_upd::int as updates, n_tup_hot_upd::int as hot from pg_stat_user_tables where relid = 'muster.leases'::regclass";
    for (let index = 0; index < 50; index += 1) await call("heartbeat", law.agents.a1, id, 1);
    await law.directus.query("select pg_stat_force_next_flush()");
    await law.directus.query("select 1");
    const [{ updates, hot } = {}] = await law.rows(stats);
    expect(updates).toBeGreaterThanOrEqual(50);
    expect(hot / updates).toBeGreaterThan(0.95);
  });
});

test("a token is the live one or it is not", async () => {
  const id = await claimed();
  expect(await call("check_fence", id, "1.1")).toMatchObject({ valid: true, fence: 1, agent: "a1" });
  expect(await call("check_fence", id, "1")).toMatchObject({ valid: true });
  for (const token of ["2", "2.1", "1.2"])
    expect(await codeOf(call("check_fence", id, token)), token).toBe("MUSTER_FENCED");
  for (const token of ["", "x", "1.1.1", null])
    expect(await codeOf(call("check_fence", id, token))).toBe("MUSTER_VALUE_INVALID");
});

describe("tick", () => {
  test("ends what is past lease and lock delay, work and review alike, in the board's own name", async () => {
    const id = await claimed();
    const { id: reviewed } = await law.submittedTask();
    await call("claim", law.agents.b1, reviewed, "r");
    const young = await claimed(law.agents.a2);
    await law.expire(id);
    await law.expire(String(reviewed));
    await law.expire(young, 1);
    expect(await call("tick")).toMatchObject({ ran: true, expired: 2 });
    expect(await law.task(id)).toMatchObject({ status: "ready", claim_session: null });
    expect(await law.task(String(reviewed))).toMatchObject({ status: "in_review", claim_session: null });
    expect(await law.task(young)).toMatchObject({ status: "in_progress" });
    expect(
      await law.rows(
        "select kind, actor_name from os_events where kind in ('expired', 'review_released') order by kind",
      ),
    ).toEqual([
      { kind: "expired", actor_name: "muster" },
      { kind: "review_released", actor_name: "muster" },
    ]);
    expect(await codeOf(call("submit", law.agents.a1, id, 1, { commit: "late" }))).toBe("MUSTER_FENCED");
  });

  test("gives back the time of an outage to those who were alive", async () => {
    const alive = await claimed();
    const dead = await claimed(law.agents.a2);
    await lastTick(300);
    await law.admin.query("update muster.leases set heartbeat_at = clock_timestamp() - interval '400 s'");
    await law.expire(alive, 100);
    await law.expire(dead, 350);
    expect(await call("tick")).toMatchObject({ extended: 1, expired: 1 });
    expect(await law.task(alive)).toMatchObject({ status: "in_progress" });
    expect(await law.task(dead)).toMatchObject({ status: "ready" });
  });

  test("gives a whole lease to who claimed after the last tick and before the outage", async () => {
    const task = await claimed();
    await lastTick(300);
    await law.admin.query("update muster.leases set heartbeat_at = clock_timestamp() - interval '290 s', seconds = 60");
    await law.expire(task, 230);
    expect(await call("tick")).toMatchObject({ extended: 1, expired: 0 });
    const [row] = await law.rows(
      "select extract(epoch from expires_at - clock_timestamp())::float8 as left from muster.leases",
    );
    expect(row?.["left"]).toBeGreaterThan(30);
    expect(row?.["left"]).toBeLessThanOrEqual(60);
  });

  test("wakes what waited for a time, not what waits for a person or a dependency", async () => {
    const past = { until: new Date(Date.now() - 1000).toISOString() };
    const timed = await claimed();
    const human = await claimed();
    await call("block", law.agents.a1, timed, 1, { type: "transient", reason: "Rate limit.", ...past });
    await call("block", law.agents.a1, human, 1, {
      type: "needs_human",
      reason: "Key.",
      owner: "o",
      action: "Give.",
      ...past,
    });
    expect(await call("tick")).toMatchObject({ unblocked: 1 });
    expect(await law.task(timed)).toMatchObject({ status: "ready", blocked_until: null });
    expect(await law.task(human)).toMatchObject({ status: "blocked" });
  });

  test("runs once, however many call it", async () => {
    const other = await law.database.connect("muster_directus");
    await law.directus.query("begin");
    expect(await call("tick")).toMatchObject({ ran: true });
    expect(await callVerb(other, "tick")).toEqual({ ran: false });
    await law.directus.query("rollback");
  });
});

test("after a restore every earlier token is refused, and work goes on", async () => {
  const id = await claimed();
  await law.admin.query("select muster.ensure_instance(gen_random_uuid())");
  await law.admin.query("select muster.new_incarnation('restore')");
  expect(await codeOf(call("check_fence", id, "1.1"))).toBe("MUSTER_FENCED");
  expect(await codeOf(call("submit", law.agents.a1, id, 1, { commit: "c" }))).toBe("MUSTER_FENCED");
  expect((await law.refusal(law.agents.a1, id, submit)).code).toBe("MUSTER_FENCED");
  expect(await call("claim_next", law.agents.a2, "s")).toMatchObject({ fence: 1002, token: "2.1002" });
  expect(await law.rows("select * from muster.broken_event_chains()")).toEqual([]);
});

describe("events_since", () => {
  const ids = (answer: Answer) => Object.values(Object(answer["events"])).map((event) => Object(event).id);

  test("pages through the whole trail, once each", async () => {
    for (let index = 0; index < 3; index += 1) await law.submittedTask();
    const seen: unknown[] = [];
    let cursor: unknown = null;
    for (;;) {
      const page = await call("events_since", cursor, 4);
      seen.push(...ids(page));
      cursor = page["cursor"];
      if (page["more"] !== true) break;
    }
    expect(seen).toEqual((await law.rows("select id::int from os_events order by xid, id")).map(({ id }) => id));
    expect(ids(await call("events_since", cursor))).toEqual([]);
  });

  test("never skips a transaction that commits late, and names who holds it up", async () => {
    const { id } = await law.addTask();
    const { cursor } = await call("events_since", "now");
    const slow = await law.database.connect("muster_directus");
    const { rows } = await slow.query<{ pid: number }>("select pg_backend_pid() as pid");
    await slow.query("begin");
    await callVerb(slow, "add_note", law.agents.a1, id, "Slow.");
    await call("add_note", law.agents.a2, id, "Fast.");
    const held = await call("events_since", cursor);
    expect(held).toMatchObject({ events: [], horizon: { lag_events: 1, held_by: rows[0]?.pid } });
    await slow.query("commit");
    const after = await call("events_since", held["cursor"]);
    expect(Object.values(Object(after["events"])).map((event) => Object(event).after.body)).toEqual(["Slow.", "Fast."]);
  });

  test("refuses a cursor that is none", async () => {
    for (const cursor of ["x", "", "1:2:3", "bm9uZQ", "MjoxOjE"]) {
      expect(await codeOf(call("events_since", cursor)), cursor).toBe("MUSTER_VALUE_INVALID");
    }
    expect(await codeOf(call("events_since", null, 0))).toBe("MUSTER_VALUE_INVALID");
  });
});

test("what became of the attempts is counted by agent, model and class", async () => {
  const { id } = await law.submittedTask();
  await call("claim", law.agents.b1, id, "r");
  await call("verdict", law.agents.b1, id, 2, "pass", "ok");
  await call("report_usage", law.agents.a1, id, 1, { tokens_in: 900, tokens_out: 80, cost_usd: 0.5 });
  const failed = await law.submittedTask();
  await call("claim", law.agents.b1, failed["id"], "r");
  await call("verdict", law.agents.b1, failed["id"], 2, "fail", "No.");
  const given = await claimed();
  await call("release", law.agents.a1, given, 1);
  await law.patch(law.agents.a2, given, claim());
  await call("steal", STEWARD, given, "Stuck.");
  await call("report_usage", law.agents.a2, given, 2, { tokens_in: 100, tokens_out: 20, cost_usd: 0.25 });
  const late = await claimed();
  await law.expire(late);
  await call("tick");
  await law.submittedTask();
  // a1: accepted, rework, discarded, expired, undecided; a2: superseded.
  const none = { accepted: 0, rework: 0, discarded: 0, expired: 0, duplicate: 0, superseded: 0, undecided: 0 };
  const a1 = {
    ...{ ...none, attempts: 5, accepted: 1, rework: 1, discarded: 1, expired: 1, undecided: 1 },
    ...{ discard_rate: 0.5, rework_rate: 0.5, tokens_in: "900", tokens_out: "80" },
    ...{ cost_usd: 0.5, cost_discarded_usd: 0 },
  };
  const a2 = {
    ...{ ...none, attempts: 1, superseded: 1, discard_rate: 1, rework_rate: null },
    ...{ tokens_in: "100", tokens_out: "20", cost_usd: 0.25, cost_discarded_usd: 0.25 },
  };
  const both = {
    ...{ ...a1, attempts: 6, superseded: 1, discard_rate: 0.6 },
    ...{ tokens_in: "1000", tokens_out: "100", cost_usd: 0.75, cost_discarded_usd: 0.25 },
  };
  expect(await law.rows("select * from muster_read.discard_rates order by dimension, value")).toEqual([
    { dimension: "agent", value: "a1", ...a1 },
    { dimension: "agent", value: "a2", ...a2 },
    { dimension: "all", value: "all", ...both },
    { dimension: "class", value: "feature", ...both },
    { dimension: "model", value: "alpha", ...both },
  ]);
  // A result that came after another's counts as made twice.
  const { id: double } = await law.addTask();
  await call("claim", law.agents.a1, double, "s");
  await law.expire(String(double));
  await call("tick");
  await call("claim", law.agents.b1, double, "s");
  await call("submit", law.agents.b1, double, 2, { commit: "b" });
  await call("keep_late", law.agents.a1, double, 1, { commit: "a" });
  const [a1s] = await law.rows(
    "select duplicate, attempts, discard_rate from muster_read.discard_rates where value = 'a1'",
  );
  expect(a1s).toEqual({ duplicate: 1, attempts: 6, discard_rate: 0.6 });
  // Another model of the agent answers for what it claims from then on, and for nothing before.
  const ofModels = "select value, attempts from muster_read.discard_rates where dimension = 'model' order by value";
  const before = await law.rows(ofModels);
  const change = async (model: string) => {
    const [row] = await law.rows("select id from os_agents where name = 'a2'");
    await patchItems(law.directus, STEWARD, "os_agents", [row?.["id"]], { model });
  };
  const attempt = async () => {
    const { id: task } = await law.addTask();
    await call("claim", law.agents.a2, task, "s");
    await call("release", law.agents.a2, task, 1);
  };
  await change("alpha-2");
  expect(await law.rows(ofModels)).toEqual(before);
  await attempt();
  await change("alpha-3");
  await attempt();
  await attempt();
  const after = [...before, { value: "alpha-2", attempts: 1 }, { value: "alpha-3", attempts: 2 }];
  const sorted = after.toSorted((left, right) => (left["value"] < right["value"] ? -1 : 1));
  expect(await law.rows(ofModels)).toEqual(sorted);
});
