/** What a reader of the trail costs, in counts that no neighbour disturbs: it must not grow with the board. */
import { beforeEach, expect, test } from "vitest";
import { withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();
/** Shared buffers. Measured with 5,000 events: 2 where there is nothing new, 55 for one event, 16 for a pulse; 40, 269 and 234 when all were joined. */
const NONE = 5;
const ONE = 80;
const PULSE = 30;
const MANY = 5_000;

beforeEach(async () => {
  await law.admin.query("alter table os_tasks disable trigger user");
  await law.admin.query(
    `with made as (
       insert into os_tasks (number, project, title, status, acceptance)
         select nextval('os_tasks_number_seq'), $1, 'Task', 'ready', '[{"id":"a1","text":"Done."}]' from generate_series(1, $2::int) returning id)
     insert into os_events (entity, entity_id, version, kind, hash) select 'os_tasks', id, 1, 'created', 'fixture' from made`,
    [law.project, MANY],
  );
  await law.admin.query("alter table os_tasks enable trigger user");
  await law.admin.query("select muster.ensure_instance('0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7a03')");
  await law.admin.query("vacuum analyze");
});

/** Of the last of several runs; the first ones plan. */
async function buffersOf(query: string): Promise<{ readonly rows: number; readonly buffers: number }> {
  let plan: Record<string, unknown> = {};
  for (let round = 0; round < 8; round += 1) {
    const [row] = await law.rows(`explain (analyze, buffers, format json) ${query}`);
    plan = row?.["QUERY PLAN"][0].Plan;
  }
  const buffers = Number(plan["Shared Hit Blocks"]) + Number(plan["Shared Read Blocks"]);
  return { rows: Number(plan["Actual Rows"]), buffers };
}

/** Where the trail ends now. */
async function headPlace(): Promise<string> {
  const [head] = await law.rows("select p.head_xid, p.head_id from muster_read.pulse() p");
  return `'${head?.["head_xid"]}', ${head?.["head_id"]}`;
}
const after = (place: string) => buffersOf(`select * from muster_read.events_after(${place}, 500)`);

test("one event is read without a look at the others, and none without a look at all", async () => {
  const head = await headPlace();
  expect(await after(head)).toMatchObject({ rows: 0 });
  expect((await after(head)).buffers).toBeLessThanOrEqual(NONE);
  await law.addTask({ title: "One more" });
  const one = await after(head);
  expect(one.rows).toBe(1);
  expect(one.buffers).toBeLessThanOrEqual(ONE);
});

test("a pulse tells what is held back without a look at the others", async () => {
  const slow = await law.database.connect("postgres");
  await slow.query("begin");
  await slow.query("select pg_current_xact_id()");
  await law.addTask({ title: "Held back" });
  const [held] = await law.rows("select p.held_events from muster_read.pulse() p");
  expect(held).toEqual({ held_events: 1 });
  expect((await buffersOf("select * from muster_read.pulse()")).buffers).toBeLessThanOrEqual(PULSE);
  await slow.query("rollback");
  await slow.end();
});
