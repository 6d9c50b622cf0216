/**
 * What claims cost in counts that no neighbour disturbs: buffers, WAL, commits, HOT share and the shape of the plans, with a backlog and
 * with dead rows pinned. Each limit is the measured count and some air; a change that needs more says so here.
 */
import { describe, expect, test } from "vitest";
import { callVerb } from "../../test/support/call-verb.ts";
import { withLaw } from "../../test/support/law-fixture.ts";
import { nestedPlan, nodesOf } from "../../test/support/nested-plans.ts";

const law = withLaw();
/** Shared buffers of the search for a task alone. Measured: 8 and 11. */
const PICK_FRESH = 15;
const PICK_PINNED = 20;
/**
 * Shared buffers of a whole claim_next with all its writes. Measured with 15,000 waiting: 68 fresh, 76 pinned. The goals, 40 and 60, are
 * missed: docs/claims.md says by what.
 */
const CLAIM = 75;
const CLAIM_PINNED = 85;
/** What an agent that worked on under a pinned horizon leaves behind: more pages than any limit here. */
const ENDED = 10_000;
/** WAL bytes of one task from claim to submission, full pages aside; they were 5,300 to 5,550. Measured: 4,760 to 4,880, commits aside. */
const WAL = 5_400;

const AGENT = `select a."user" from os_agents a where a.name = 'a1'`;
const PICK = `select muster.pick_work(a.id, a.capabilities, null, null, null, 1) from os_agents a where a.name = 'a2'`;

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

/** Buffers of the query's last run of several; the first ones plan. */
async function buffersOf(query: string, after: () => Promise<unknown> = async () => undefined): Promise<number> {
  let buffers = 0;
  for (let round = 0; round < 4; round += 1) {
    const [row] = await law.rows(`explain (analyze, buffers, format json) ${query}`);
    const plan = row?.["QUERY PLAN"][0].Plan;
    buffers = Number(plan["Shared Hit Blocks"]) + Number(plan["Shared Read Blocks"]);
    await after();
  }
  return buffers;
}
const submitHeld = () =>
  law.rows(`select muster.submit(l.holder, l.task::text, l.epoch, '{"commit":"c"}') from muster.leases l`);
const buffersOfClaim = () => buffersOf(`select muster.claim_next((${AGENT}), 's')`, submitHeld);

/** Claims and submits through Directus's login, `rounds` times. */
async function work(rounds: number, agent = law.agents.a1): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const grant = await callVerb(law.directus, "claim_next", agent, "s");
    const task = Reflect.get(Object(grant["task"]), "id");
    await callVerb(law.directus, "submit", agent, task, grant["fence"], { commit: "c" });
  }
}
/** The dead rows of ENDED claims of the agent: its leases, and each state of its hands. */
async function leaveEnded(agent: string): Promise<void> {
  await law.admin.query(
    `insert into muster.leases (task, kind, epoch, session, holder, granted_at, heartbeat_at, expires_at)
       select gen_random_uuid(), 'work', 1, 's', $1, n, n, n + interval '900 s' from generate_series(1, $2::int), clock_timestamp() n`,
    [agent, ENDED],
  );
  await law.admin.query("delete from muster.leases where holder = $1", [agent]);
  // By its whole key: by the holder alone each round would visit all the dead ones before it.
  await law.admin.query(
    `do $$ declare
       at bigint;
     begin
       select h.n into strict at from muster.hands h where h.holder = '${agent}';
       for i in 1 .. ${ENDED} loop update muster.hands set n = at + i where holder = '${agent}' and n = at + i - 1; end loop;
     end $$`,
  );
  const [row] = await law.rows("select count(*)::int as n from muster.hands where holder = $1", [agent]);
  expect(row?.["n"]).toBe(1);
}
const numberOf = async (query: string): Promise<number> => Number((await law.rows(query))[0]?.["n"]);
const scansOf = (relation: string) =>
  numberOf(`select seq_scan::int as n from pg_stat_user_tables where relid = '${relation}'::regclass`);

test("no step of a claim or a submission reads a table through, also when the board was empty at first", async () => {
  const relations = ["muster.queue", "muster.leases", "muster.hands", "os_tasks", "os_claims", "os_events", "os_notes"];
  await buffersOfClaim();
  await law.addTask();
  await buffersOfClaim();
  await fill(5_000);
  const before = new Map<string, number>();
  await law.directus.query("select pg_stat_force_next_flush()").catch(() => undefined);
  await law.admin.query("select pg_stat_force_next_flush()");
  for (const relation of relations) before.set(relation, await scansOf(relation));
  expect(await buffersOfClaim()).toBeLessThanOrEqual(CLAIM);
  const many = await callVerb(law.admin, "claim_many", law.agents.a1, "s", 2);
  const items = Object.values(Object(many["grants"])).map((grant) => ({
    task: Object(grant).task.id,
    fence: Object(grant).fence,
    commit: "c",
  }));
  await callVerb(law.admin, "complete_many", law.agents.a1, items);
  await law.admin.query("select pg_stat_force_next_flush()");
  // submitHeld of this very test lists the leases.
  for (const relation of relations.filter((name) => name !== "muster.leases")) {
    expect(await scansOf(relation), relation).toBe(before.get(relation));
  }
});

describe("buffers", () => {
  test("of a claim stay few with a backlog", async () => {
    await fill(5_000);
    expect(await buffersOf(PICK)).toBeLessThanOrEqual(PICK_FRESH);
    expect(await buffersOfClaim()).toBeLessThanOrEqual(CLAIM);
  });

  test("of a claim stay few when the horizon is pinned and the head of the queue is dead", async () => {
    await fill(1_500);
    const holder = await law.database.connect("postgres");
    await holder.query("begin isolation level repeatable read");
    await holder.query("select count(*) from os_tasks");
    // By the agent whose claims are measured: neither the queue's dead rows nor its own ended leases are visited.
    await work(200);
    await leaveEnded(law.agents.a1);
    await callVerb(law.directus, "tick");
    expect(await buffersOf(PICK)).toBeLessThanOrEqual(PICK_PINNED);
    expect(await buffersOfClaim()).toBeLessThanOrEqual(CLAIM_PINNED);
    await holder.query("rollback");
  });
});

describe("the plan of a claim's search, as claim_next runs it,", () => {
  /**
   * By an index whose order is the queue's, and nothing gathered or sorted first; of one project alone the planner may take either.
   * queue_head is a sequence of one row.
   */
  test.each([1_000, 50_000])("is an ordered index scan with %i waiting", async (waiting) => {
    await fill(waiting);
    await law.admin.query("analyze os_tasks, muster.queue, muster.leases");
    for (const [options, indexes] of [
      ["{}", ["queue_rank_index"]],
      ['{"project":"demo"}', ["queue_rank_index", "queue_project_rank_index"]],
    ] as const) {
      const claim = `select muster.claim_next((${AGENT}), 's', '${options}')`;
      const nodes = nodesOf(await nestedPlan(law.admin, claim, "muster.queue q cross join lateral"));
      const scans = nodes.filter((each) => each["Relation Name"] === "queue");
      expect(scans.map((scan) => scan["Node Type"])).toEqual(["Index Scan"]);
      expect(indexes).toContain(scans[0]?.["Index Name"]);
      const types = nodes.filter((each) => each["Relation Name"] !== "queue_head").map((each) => each["Node Type"]);
      expect(types.filter((type) => /Sort|Bitmap|Seq Scan|Hash|Materialize/.test(type))).toEqual([]);
    }
  });

  test("would be told from a sorted one", async () => {
    await fill(1_000);
    await law.admin.query("drop index muster.queue_rank_index");
    const plan = await nestedPlan(law.admin, PICK, "muster.queue q cross join lateral");
    expect(nodesOf(plan).map((each) => each["Node Type"])).toContain("Sort");
  });
});

describe("a task from claim to submission", () => {
  /** WAL bytes and commits of `run`, for each of `tasks`; full page images are kept out by a checkpoint behind the run. */
  async function perTask(tasks: number, run: () => Promise<unknown>) {
    const wal = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as n";
    const commits = "select count(distinct xid)::int as n from os_events";
    const before = [await numberOf(wal), await numberOf(commits)] as const;
    await run();
    return {
      wal: ((await numberOf(wal)) - before[0]) / tasks,
      commits: ((await numberOf(commits)) - before[1]) / tasks,
    };
  }

  test("writes a bounded log, in two commits; in one with advance, and in few with batches", async () => {
    await law.admin.query("alter system set full_page_writes = off");
    // What a vacuum writes meanwhile is not the claims'.
    await law.admin.query("alter system set autovacuum = off");
    await law.admin.query("select pg_reload_conf()");
    await law.admin.query("update os_agents set max_wip = 100 where name = 'a1'");
    await fill(400);
    await work(10);
    const pair = await perTask(50, () => work(50));
    let grant = await callVerb(law.directus, "claim_next", law.agents.a1, "s");
    const advance = await perTask(50, async () => {
      for (let round = 0; round < 50; round += 1) {
        const finish = { task: Reflect.get(Object(grant["task"]), "id"), fence: grant["fence"], commit: "c" };
        const { next } = await callVerb(law.directus, "advance", law.agents.a1, "s", finish);
        grant = Object(next);
      }
    });
    const batch = await perTask(50, async () => {
      const { grants } = await callVerb(law.directus, "claim_many", law.agents.a1, "s", 50);
      const items = Object.values(Object(grants)).map((each) => ({
        task: Object(each).task.id,
        fence: Object(each).fence,
        commit: "c",
      }));
      expect(items).toHaveLength(50);
      await callVerb(law.directus, "complete_many", law.agents.a1, items);
    });
    expect(pair.commits).toBe(2);
    expect(advance.commits).toBe(1);
    expect(batch.commits).toBe(2 / 50);
    expect(pair.wal, `pair ${pair.wal}`).toBeLessThan(WAL);
    expect(advance.wal, `advance ${advance.wal}`).toBeLessThan(WAL);
    expect(batch.wal, `batch ${batch.wal}`).toBeLessThan(WAL);
  });
});

test("heartbeats rewrite their lease in place", async () => {
  await fill(5);
  const grant = await callVerb(law.directus, "claim_next", law.agents.a1, "s");
  const task = Reflect.get(Object(grant["task"]), "id");
  for (let beat = 0; beat < 200; beat += 1) {
    await callVerb(law.directus, "heartbeat", law.agents.a1, task, grant["fence"]);
  }
  await law.directus.end();
  const updates = "n_tup_upd::int as n from pg_stat_user_tables where relid = 'muster.leases'::regclass";
  await expect.poll(() => numberOf(`select ${updates}`), { timeout: 60_000 }).toBeGreaterThanOrEqual(200);
  const share = await numberOf(
    "select n_tup_hot_upd::float8 / n_tup_upd as n from pg_stat_user_tables where relid = 'muster.leases'::regclass",
  );
  expect(share).toBeGreaterThanOrEqual(0.95);
});

test("a verb finds its task by key, whatever the backlog", async () => {
  await fill(5_000);
  await law.admin.query("set track_functions = 'all'");
  const { id } = await law.addTask();
  await callVerb(law.admin, "claim", law.agents.a1, id, "s");
  await callVerb(law.admin, "submit", law.agents.a1, id, 1, { commit: "c" });
  await law.admin.query("select pg_stat_force_next_flush()");
  await law.admin.query("select 1");
  const [row] = await law.rows(
    "select coalesce(sum(calls), 0)::int as calls from pg_stat_user_functions where funcname = 'find_task'",
  );
  expect(row?.["calls"]).toBeLessThanOrEqual(4);
});
