/** What a claim costs in counts that no neighbour disturbs: plan shape and shared buffers, with a backlog and with dead rows pinned. */
import { expect, test } from "vitest";
import { callVerb } from "../../test/support/call-verb.ts";
import { withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();
/** The floors: 40 fresh, 60 with the horizon pinned. Measured: about 25 and 20. */
const FRESH = 40;
const PINNED = 60;

async function fill(tasks: number): Promise<void> {
  await law.admin.query("alter table os_tasks disable trigger user");
  await law.admin.query(
    `with made as (
       insert into os_tasks (number, project, title, status, acceptance)
         select nextval('os_tasks_number_seq'), $1, 'Task', 'ready', '[{"id":"a1","text":"Done."}]' from generate_series(1, $2::int) returning id)
     insert into os_events (entity, entity_id, version, kind, hash) select 'os_tasks', id, 1, 'created', 'fixture' from made`,
    [law.project, tasks],
  );
  await law.admin.query("alter table os_tasks enable trigger user");
  await law.admin.query("select muster.rebuild_queue()");
}

async function buffersOfPick(): Promise<number> {
  const pick = `explain (analyze, buffers, format json)
    select muster.pick_work(a, null, null, (select h.last_value from muster.queue_head h)) from os_agents a where a.name = 'a2'`;
  await law.rows(pick);
  const [row] = await law.rows(pick);
  const plan = row?.["QUERY PLAN"][0].Plan;
  return Number(plan["Shared Hit Blocks"]) + Number(plan["Shared Read Blocks"]);
}

test("the pick walks the queue by its index, also when the board was empty at first", async () => {
  await callVerb(law.admin, "claim_next", law.agents.a1, "s");
  await fill(5_000);
  const reads =
    "select seq_scan::int as scans, idx_scan::int as lookups from pg_stat_user_tables where relid = 'muster.queue'::regclass";
  await law.admin.query("select pg_stat_force_next_flush()");
  const [before] = await law.rows(reads);
  for (let round = 0; round < 5; round += 1) await buffersOfPick();
  await law.admin.query("select pg_stat_force_next_flush()");
  const [after] = await law.rows(reads);
  expect(after?.["scans"]).toBe(before?.["scans"]);
  expect(after?.["lookups"]).toBeGreaterThan(before?.["lookups"]);
  expect(await buffersOfPick()).toBeLessThanOrEqual(FRESH);
});

test("a pinned horizon with dead rows does not slow the pick", async () => {
  await fill(1_500);
  const holder = await law.database.connect("postgres");
  await holder.query("begin isolation level repeatable read");
  await holder.query("select count(*) from os_tasks");
  for (let round = 0; round < 200; round += 1) {
    const grant = await callVerb(law.directus, "claim_next", law.agents.a1, "s");
    const task = Reflect.get(Object(grant["task"]), "id");
    await callVerb(law.directus, "submit", law.agents.a1, task, grant["fence"], { commit: "c" });
  }
  await callVerb(law.directus, "tick");
  expect(await buffersOfPick()).toBeLessThanOrEqual(PINNED);
  await holder.query("rollback");
});

test("a verb finds its task by key, whatever the backlog", async () => {
  await fill(5_000);
  await law.admin.query("set track_functions = 'all'");
  const { id } = await law.addTask();
  await callVerb(law.admin, "claim", law.agents.a1, id, "s");
  await callVerb(law.admin, "submit", law.agents.a1, id, 1, { commit: "c" });
  await law.admin.query("select pg_stat_force_next_flush()");
  await law.admin.query("select 1");
  const [row] = await law.rows("select calls::int from pg_stat_user_functions where funcname = 'find_task'");
  expect(row?.["calls"]).toBeLessThanOrEqual(4);
});
