/** What happens in a private project reaches no reader of muster_read: no row, no count, no time. */
import type pg from "pg";
import { beforeEach, expect, test } from "vitest";
import { callVerb } from "../../test/support/call-verb.ts";
import { createItem } from "../../test/support/directus-writes.ts";
import { claim, STEWARD, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();
const TITLE = "Zinnober";
let portal: pg.Client;
let hidden: string;

beforeEach(async () => {
  portal = await law.database.connect("muster_portal");
  await law.admin.query("select muster.ensure_instance('0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7a03')");
  const fields = { key: "hidden", name: TITLE, visibility: "private" };
  hidden = (await createItem(law.directus, STEWARD, "os_projects", fields))["id"];
});

/** The life of a private task with everything that belongs to a task, some of it removed again. */
async function liveInHiding(): Promise<void> {
  const [task, other] = [
    await law.addTask({ project: hidden, title: `${TITLE} one` }),
    await law.addTask({ project: hidden, title: `${TITLE} two` }),
  ];
  await callVerb(law.directus, "add_dependency", STEWARD, task["id"], other["id"]);
  await callVerb(law.directus, "remove_dependency", STEWARD, task["id"], other["id"]);
  await law.patch(law.agents.a1, other["id"], claim("hiding"));
  await callVerb(law.directus, "add_note", STEWARD, other["id"], `${TITLE} noted`);
}

const headOf = async () => {
  const { rows } = await portal.query("select p.head_xid, p.head_id from muster_read.pulse() p");
  return rows[0];
};
const totals = async () => {
  const { rows } = await portal.query("select i.events, i.last_event_at from muster_read.instance i");
  return rows[0];
};

test("a reader hears of nothing in it, while the cursor moves on", async () => {
  await law.addTask({ title: "Seen" });
  const before = { head: await headOf(), totals: await totals() };
  await liveInHiding();
  const { rows } = await portal.query("select e.* from muster_read.events_after($1::xid8, $2, 1000) e", [
    before.head.head_xid,
    before.head.head_id,
  ]);
  expect(rows).toHaveLength(6);
  for (const { xid: _xid, id: _id, ...told } of rows)
    expect(Object.values(told).filter((value) => value !== null)).toEqual([]);
  const head = await headOf();
  expect(Number(head.head_id)).toBeGreaterThan(Number(before.head.head_id));
  expect(await totals()).toEqual(before.totals);
  const { rows: pulse } = await portal.query("select p.leases from muster_read.pulse() p");
  expect(pulse[0].leases).toEqual([]);
  // What one task does in the open is heard, so that silence proves something.
  await law.addTask({ title: "Seen as well" });
  const { rows: open } = await portal.query("select e.* from muster_read.events_after($1::xid8, $2, 1000) e", [
    head.head_xid,
    head.head_id,
  ]);
  expect(open.map(({ task_title }) => task_title)).toEqual(["Seen as well"]);
});

test("no view has a word of it", async () => {
  await liveInHiding();
  const { rows: views } = await law.admin.query<{ name: string }>(
    "select viewname as name from pg_views where schemaname = 'muster_read' order by viewname",
  );
  expect(views.length).toBeGreaterThan(10);
  for (const { name } of views) {
    const { rows } = await portal.query(`select to_jsonb(v)::text as row from muster_read.${name} v`);
    expect(JSON.stringify(rows), name).not.toContain(TITLE);
  }
});

test("the places of the trail are those of the events that can be read, now and in a replay", async () => {
  await law.addTask({ title: "Seen" });
  await liveInHiding();
  for (const schema of ["muster_read", "muster_at"]) {
    const places = (view: string) =>
      `select e.id, e.xid::text as xid, e.at from ${schema}.${view} e order by e.xid, e.id`;
    await portal.query("begin");
    await replayNow();
    const events = (await portal.query(places("events"))).rows;
    expect(events.length, schema).toBeGreaterThan(0);
    expect((await portal.query(places("event_index"))).rows, schema).toEqual(events);
    await portal.query("rollback");
  }
});

/** The instant of the board's clock, for this transaction of the portal. */
const replayNow = () =>
  portal.query(
    `select set_config('muster.at_time', clock_timestamp()::text, true), set_config('muster.at_snapshot', '', true),
       set_config('muster.at_place', '', true)`,
  );

test("what is private now has no public past, and a task that was moved into hiding takes its past along", async () => {
  const { rows: open } = await law.admin.query<{ id: string }>(
    "select p.id from public.os_projects p where p.key <> 'hidden'",
  );
  const moved = await law.addTask({ project: open[0]?.id, title: `${TITLE} moved` });
  await law.admin.query("update public.os_projects set visibility = 'public' where id = $1", [hidden]);
  await law.addTask({ project: hidden, title: `${TITLE} shown once` });
  const seen = async () => {
    const rows = [];
    for (const name of ["events", "projects", "task_index"])
      rows.push(...(await portal.query(`select to_jsonb(v)::text from muster_at.${name} v`)).rows);
    return JSON.stringify(rows);
  };
  const { rows: then } = await portal.query(
    "select clock_timestamp()::text as at, pg_current_snapshot()::text as snapshot",
  );
  const at = async (how: "at" | "snapshot") => {
    await portal.query("begin");
    await replayNow();
    await portal.query("select set_config('muster.at_time', $1, true)", [then[0].at]);
    if (how === "snapshot") await portal.query("select set_config('muster.at_snapshot', $1, true)", [then[0].snapshot]);
    const found = await seen();
    await portal.query("rollback");
    return found;
  };
  expect(await at("at")).toContain(`${TITLE} shown once`);
  expect(await at("snapshot")).toContain(`${TITLE} moved`);

  await law.admin.query("update public.os_projects set visibility = 'private' where id = $1", [hidden]);
  await law.patch(STEWARD, moved["id"], { project: hidden });
  for (const how of ["at", "snapshot"] as const) expect(await at(how), how).not.toContain(TITLE);
});

test("an agent's numbers and its last sighting are of what can be read", async () => {
  const agents = async () =>
    (
      await portal.query(
        "select to_jsonb(a) - 'last_seen_at' as told, a.last_seen_at from muster_read.agents a order by a.name",
      )
    ).rows;
  const before = (await agents()).map(({ told }) => told);
  await liveInHiding();
  const after = await agents();
  expect(after.map(({ told }) => told)).toEqual(before);
  expect(after.every(({ last_seen_at }) => last_seen_at === null)).toBe(true);
  const task = await law.addTask({ title: "Seen" });
  await law.patch(law.agents.a2, task["id"], claim("open"));
  expect(
    (await agents()).filter(({ told, last_seen_at }) => told.live_leases === 1 && last_seen_at !== null),
  ).toHaveLength(1);
});

test("who asks which board it is reads no event of it, and a count of the past takes back no row", async () => {
  const plan = async (statement: string) =>
    JSON.stringify((await portal.query(`explain (format json) ${statement}`)).rows);
  const isIn = (relation: string, text: string) => text.includes(`"${relation}"`);
  expect(isIn("os_events", await plan("select i.instance_id, i.incarnation from muster_read.instance i"))).toBe(false);
  expect(isIn("os_events", await plan("select i.events, i.last_event_at from muster_read.instance i"))).toBe(true);
  await portal.query("begin");
  await replayNow();
  const past = await plan("select i.events, i.last_event_at, i.last_event_id from muster_at.instance i");
  expect([isIn("os_events", past), isIn("os_tasks", past), isIn("os_notes", past)]).toEqual([true, false, false]);
  expect(isIn("os_notes", await plan("select e.* from muster_at.events e"))).toBe(true);
  await portal.query("rollback");
});

test("all totals together look once for what is hidden, and an agent's name adds up none of its claims", async () => {
  const plan = async (statement: string) =>
    JSON.stringify((await portal.query(`explain (format json) ${statement}`)).rows);
  const times = (text: string, what: string) => text.split(`"${what}"`).length - 1;
  expect(times(await plan("select i.* from muster_read.instance i"), "hidden_rows")).toBe(1);
  const work = ["os_claims", "os_verifications", "leases"];
  const asked = async (columns: string) => {
    const text = await plan(`select ${columns} from muster_read.agents a`);
    return work.filter((relation) => times(text, relation) > 0);
  };
  expect(await asked("a.name, a.title, a.model_family")).toEqual([]);
  expect(await asked("a.live_leases")).toEqual(["leases"]);
  expect(await asked("a.*")).toEqual(work);
});

test("what is counted is what can be read, and its time is of the newest that can", async () => {
  await law.addTask({ title: "Seen" });
  await liveInHiding();
  const { rows } = await portal.query(
    "select count(*) as events, max(e.at) as last_event_at from muster_read.events e",
  );
  expect(await totals()).toEqual(rows[0]);
  const newest = await portal.query(
    "select e.xid::text, e.id from muster_read.events e order by e.xid desc, e.id desc limit 1",
  );
  const { rows: told } = await portal.query(
    "select i.last_event_xid::text as xid, i.last_event_id as id from muster_read.instance i",
  );
  expect(told).toEqual(newest.rows);
  const { rows: all } = await law.admin.query("select count(*) as events from public.os_events");
  expect(Number(all[0].events)).toBeGreaterThan(Number(rows[0].events));
});

test("a dependency that was removed stays in the trail of its task, when that may be seen", async () => {
  const [task, other] = [await law.addTask({ title: "Waits" }), await law.addTask({ title: "Comes first" })];
  await callVerb(law.directus, "add_dependency", STEWARD, task["id"], other["id"]);
  await callVerb(law.directus, "remove_dependency", STEWARD, task["id"], other["id"]);
  const { rows } = await portal.query(
    "select e.kind, e.task_title from muster_read.events e where e.entity = 'os_task_dependencies' order by e.id",
  );
  expect(rows).toEqual([
    { kind: "created", task_title: "Waits" },
    { kind: "removed", task_title: "Waits" },
  ]);
});
