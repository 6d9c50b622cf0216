/**
 * Agents and a steward at random on one small board for a few seconds; afterwards the invariants of the claims engine hold: I1 to I22 over
 * all that the clients were told, and the same board's rows once more in SQL.
 */

import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callVerb } from "../../test/support/call-verb.ts";
import { createItem, type Fields, patchItems } from "../../test/support/directus-writes.ts";
import { addAgent, type LawFixture, makeLawFixture, STEWARD } from "../../test/support/law-fixture.ts";
import { startPostgres, type TestPostgres } from "../../test/support/postgres.ts";
import { checkHistory } from "../src/history/check-history.ts";
import { collectHistory } from "../src/history/collect-history.ts";
import { readAnswer } from "../src/history/read-answer.ts";
import { type Intent, Recorder, type Told } from "../src/history/recorder.ts";

/** 6 s: about 500 accepted writes on two cores, enough for every transition to happen. On a busy machine it goes on until there are enough. */
const DURATION_MS = 6_000;
const LONGEST_MS = 60_000;
const ENOUGH = 150;
const AGENTS = 6;
const TASKS = 10;

let postgres: TestPostgres;
let law: LawFixture;
const recorder = new Recorder();
const NOTHING: Told = { task: null, version: null, epoch: null, answer: null };

const below = (limit: number) => Math.floor(Math.random() * limit);
const oneOf = <T>(values: readonly T[]): T => values[below(values.length)] ?? values[0] ?? fail();
function fail(): never {
  throw new Error("An empty list has no element.");
}

/**
 * @param intent what the history is to know of it
 * @param moves whether the write, once accepted, surely changed that one row: a write that changes nothing is told somebody else's version
 */
async function attempt(
  client: pg.Client,
  user: string,
  ids: readonly string[],
  fields: Fields,
  intent: Partial<Intent> = {},
  moves: (row: pg.QueryResultRow) => boolean = () => false,
): Promise<void> {
  const told = (row: pg.QueryResultRow | undefined): Told =>
    row !== undefined && ids.length === 1 && moves(row)
      ? { task: row["id"], version: row["version"], epoch: null, answer: null }
      : NOTHING;
  await recorder.record(
    { client: user, verb: "patch", ...intent },
    () => patchItems(client, user, "os_tasks", ids, fields),
    (rows) => told(rows[0]),
  );
}

/** What the holder of the task might send next. */
function nextMove(task: pg.QueryResultRow): Fields {
  const fence = task["claim_epoch"];
  if (task["status"] === "in_review") return { status: oneOf(["done", "done", "ready"]), fence, evidence: "Ran it." };
  return oneOf<Fields>([
    { status: "in_review", fence, submitted_commit: "3f9c1e2" },
    { status: "in_review", fence, submitted_artifact: "log" },
    { status: "ready", fence },
    { status: "blocked", fence, blocked_type: "dependency", blocked_reason: "Waits." },
    { title: `Title ${below(100)}`, fence, version: task["version"] },
  ]);
}

async function actAsAgent(user: string, name: string, tasks: readonly string[], isOver: () => boolean): Promise<void> {
  const client = await law.database.connect("muster_directus");
  while (!isOver()) {
    const id = oneOf(tasks);
    const { rows } = await client.query<pg.QueryResultRow>("select * from os_tasks where id = $1", [id]);
    const task = rows[0] ?? fail();
    if (task["assigned_to"] === user) {
      const move = nextMove(task);
      const base = typeof move["version"] === "number" ? move["version"] : null;
      const intent = { task: id, fence: Number(move["fence"]), base };
      await attempt(client, user, [id], move, intent, () => move["title"] !== task["title"]);
    } else {
      // Not its own a moment ago, and nobody but this loop claims for this user: a grant, no renewal.
      const session = `${name} ${String(task["status"])}`;
      await attempt(client, user, [id], { claim_session: session }, { client: session, task: id }, () => true);
    }
    if (below(20) === 0) await attempt(client, user, [oneOf(tasks), oneOf(tasks)], { claim_session: `${name} batch` });
  }
}

/** The same board through the verbs: claims, advances, gives up, beats and ticks. */
async function actThroughVerbs(user: string, isOver: () => boolean): Promise<void> {
  const client = await law.database.connect("muster_directus");
  const held = new Map<string, number>();
  const session = `verbs ${user}`;
  const tryVerb = async (verb: string, intent: Partial<Intent>, ...args: readonly unknown[]) => {
    const outcome = await recorder.record(
      { client: session, verb, ...intent },
      () => callVerb(client, verb, ...args),
      // The steward lets leases end that a heartbeat has just prolonged: what it was told binds nobody here.
      (answer) => (verb === "heartbeat" ? NOTHING : readAnswer(answer)),
    );
    if (outcome.result !== "accepted") return;
    const grant = Object(verb === "advance" ? outcome.value["next"] : outcome.value);
    if (grant.claimed === true) held.set(grant.task.id, grant.fence);
  };
  while (!isOver()) {
    const [task, fence] = oneOf([...held, ["", 0] as const]);
    held.delete(task);
    const move = task === "" ? 0 : below(6);
    const own = { task, fence };
    // An advance is told the next task's version: its fence is of another.
    if (move === 0) await tryVerb("claim_next", {}, user, session, below(4) === 0 ? { kind: "review" } : {});
    else if (move === 1) await tryVerb("submit", own, user, task, fence, { commit: "c" });
    else if (move === 2) await tryVerb("advance", {}, user, session, { task, fence, commit: "c" });
    else if (move === 3)
      await tryVerb("verdict", own, user, task, fence, oneOf(["pass", "fail", "inconclusive"]), "Ran it.");
    else if (move === 4)
      await tryVerb("fail_task", own, user, task, fence, "Gave up.", { retry_after_seconds: below(2) });
    else await tryVerb("heartbeat", own, user, task, fence);
    if (below(10) === 0) await tryVerb("tick", {});
  }
}

async function actAsSteward(tasks: readonly string[], isOver: () => boolean): Promise<void> {
  const client = await law.database.connect("muster_directus");
  while (!isOver()) {
    const id = oneOf(tasks);
    const { rows } = await client.query<pg.QueryResultRow>("select status from os_tasks where id = $1", [id]);
    const status: unknown = rows[0]?.["status"];
    if (status === "done")
      await attempt(client, STEWARD, [id], { status: "ready", status_reason: String(Math.random()) });
    else if (status === "blocked" && below(3) === 0) await attempt(client, STEWARD, [id], { status: "ready" });
    else if (below(5) === 0) await attempt(client, STEWARD, [id], { claim_session: null });
    else await attempt(client, STEWARD, [id], { priority: oneOf(["P0", "P1", "P2"]) });
    if (below(3) === 0) await law.expire(oneOf(tasks));
  }
}

function isBusyEnough(): boolean {
  const accepted = recorder.calls.filter(({ result }) => result === "accepted");
  return accepted.length > ENOUGH && accepted.some(({ verb }) => verb === "verdict");
}

beforeAll(async () => {
  postgres = await startPostgres();
  law = await makeLawFixture(postgres);
  const tasks: string[] = [];
  for (let index = 0; index < TASKS; index += 1) {
    const { id } = await law.addTask({ risk: index % 3 === 0 ? "high" : "low", max_attempts: 50 });
    if (index > 3) {
      await createItem(law.directus, STEWARD, "os_task_dependencies", { task: id, depends_on: tasks[index % 4] });
    }
    tasks.push(String(id));
  }
  const users: string[] = [];
  for (let index = 0; index < AGENTS; index += 1) {
    users.push(await addAgent(law.admin, law.directus, `x${index}`, index % 2 === 0 ? "alpha" : "beta"));
  }
  const verbUsers: string[] = [];
  for (let index = 0; index < 4; index += 1) {
    verbUsers.push(
      await addAgent(law.admin, law.directus, `v${index}`, index % 2 === 0 ? "alpha" : "beta", { max_wip: 4 }),
    );
  }
  const started = performance.now();
  const isOver = () => {
    const ms = performance.now() - started;
    return ms > LONGEST_MS || (ms > DURATION_MS && isBusyEnough());
  };
  await Promise.all([
    ...users.map((user, index) => actAsAgent(user, `x${index}`, tasks, isOver)),
    ...verbUsers.map((user) => actThroughVerbs(user, isOver)),
    actAsSteward(tasks, isOver),
  ]);
});
afterAll(() => postgres.stop());

test("the board was busy, and every refusal was one of the law's", () => {
  expect(recorder.calls.filter(({ result }) => result === "accepted").length).toBeGreaterThan(50);
  const unlawful = ["MUSTER_INTERNAL", "MUSTER_BOARD_BUSY", "MUSTER_BOARD_UNAVAILABLE"];
  expect(Object.keys(recorder.codes).filter((code) => unlawful.includes(code))).toEqual([]);
});

test("every invariant holds over what the clients were told, reviews, dependencies and the steward's hand included", async () => {
  const board = await collectHistory(law.admin);
  // Each kind that the history is rich by was really there.
  const kinds = new Set(board.events.map(({ kind }) => kind));
  expect([...kinds]).toEqual(expect.arrayContaining(["claimed", "submitted", "review_claimed", "edited"]));
  expect(board.verifications.length).toBeGreaterThan(0);
  expect(recorder.calls.filter(({ version }) => version !== null).length).toBeGreaterThan(5);
  expect(
    checkHistory({ calls: recorder.calls, board, tickMs: null, clocks: null, incarnations: [], outages: [] }),
  ).toEqual([]);
});

const READY = `select t.id from os_tasks t where t.status = 'ready' and t.attempt < t.max_attempts
  and not exists (select from os_task_dependencies d join os_tasks o on o.id = d.depends_on where d.task = t.id and o.status <> 'done')`;

const invariants: readonly (readonly [sentence: string, violations: string])[] = [
  [
    "a task is held exactly when it has a lease of the same epoch, holder and kind",
    `select from os_tasks t full join muster.leases l on l.task = t.id
     where (t.claim_session is not null) <> (l.task is not null) or l.epoch <> t.claim_epoch or l.holder <> t.assigned_to
       or (l.kind = 'work') <> (t.status = 'in_progress')`,
  ],
  [
    "a claim is open exactly when it has the lease",
    `select from os_claims c full join muster.leases l on l.task = c.task and l.epoch = c.epoch
     where (c.ended_at is null) <> (l.task is not null)`,
  ],
  [
    "no claim's epoch is past its task's",
    "select from os_claims c join os_tasks t on t.id = c.task where c.epoch > t.claim_epoch",
  ],
  [
    "events are gapless and as many as the version says",
    "select from os_tasks t where t.version <> (select count(*) from os_events e where e.entity_id = t.id)",
  ],
  [
    "the queue holds exactly the tasks that can be claimed",
    `(${READY} except select task from muster.queue) union all (select task from muster.queue except ${READY})`,
  ],
  [
    "no live rank is below the queue's head",
    "select from muster.queue q, muster.queue_head h where q.rank < h.last_value",
  ],
  [
    "a waiting task's place counts who waits for it",
    "select from muster.queue q join os_tasks t on t.id = q.task where q.rank <> muster.queue_rank(t.priority, muster.count_waiting(t.id), t.number)",
  ],
  [
    "each epoch was granted once, and versions rise with epochs",
    "select from os_events a join os_events b on a.entity_id = b.entity_id and a.version < b.version where a.entity = 'os_tasks' and a.epoch > b.epoch",
  ],
  ["every event chain recomputes", "select from muster.broken_event_chains()"],
  [
    "every change of status is in the table of transitions",
    `select from os_events e where e.entity = 'os_tasks' and e.before ->> 'status' is not null and not exists (
       select from muster.transitions t where t.from_status = e.before ->> 'status' and t.to_status = e.after ->> 'status')`,
  ],
  [
    "events fold to the row",
    `select from os_tasks t where to_jsonb(t) <> (
       select jsonb_object_agg(f.key, f.value order by e.version) from os_events e, jsonb_each(e.after) f where e.entity_id = t.id)`,
  ],
  [
    "nobody verified its own work",
    "select from os_verifications v join os_claims c on c.task = v.task and c.kind = 'work' and c.epoch < v.epoch where c.holder = v.verifier",
  ],
  [
    "at risk the model families differ",
    `select from os_verifications v join os_claims c on c.id = v.claim join os_tasks t on t.id = v.task
     where t.risk <> 'low' and c.model_family = v.model_family`,
  ],
  [
    "no work was claimed while a dependency was open that was never reopened",
    `select from os_claims c join os_task_dependencies d on d.task = c.task where c.kind = 'work'
       and not exists (select from os_events r where r.entity_id = d.depends_on and r.kind = 'reopened') and coalesce((
       select (e.after ->> 'status') <> 'done' from os_events e where e.entity_id = d.depends_on and e.after ? 'status' and e.at < c.claimed_at
       order by e.version desc limit 1), true)`,
  ],
];

test.each(invariants)("%s", async (_, violations) => {
  expect(await law.rows(violations)).toEqual([]);
});
