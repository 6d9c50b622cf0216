/** Each mechanic of the verbs, and the proof that its loss is noticed: the probe holds on the law and falls on the mutant. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { callVerb } from "../../test/support/call-verb.ts";
import { refusalOf, STEWARD, withLaw } from "../../test/support/law-fixture.ts";

const law = withLaw();
const POLL_MS = 20;
const WAIT_TIMEOUT_MS = 10_000;
const call = (verb: string, ...args: readonly unknown[]) => callVerb(law.directus, verb, ...args);
const codeOf = async (write: Promise<unknown>) => (await refusalOf(write))?.code ?? "accepted";
const commit = { commit: "3f9c1e2" };

/** Replaces text in a function's source; the mutant must differ. */
async function mutate(name: string, from: string, to: string): Promise<void> {
  const [row] = await law.rows("select pg_get_functiondef(p.oid) as source from pg_proc p where p.proname = $1", [
    name,
  ]);
  const source = String(row?.["source"]);
  if (!source.includes(from)) throw new Error(`${name} does not contain: ${from}`);
  await law.admin.query(source.replaceAll(from, to));
}

/** Resolves with true when the statement waits for a lock, with false when it has ended. */
async function waits(client: pg.Client & { processID?: number }, statement: Promise<unknown>): Promise<boolean> {
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
  };
  statement.then(end, end);
  const deadline = Date.now() + WAIT_TIMEOUT_MS;
  while (!hasEnded && Date.now() < deadline) {
    const [row] = await law.rows("select wait_event_type = 'Lock' as waits from pg_stat_activity where pid = $1", [
      client.processID,
    ]);
    if (row?.["waits"] === true) return true;
    await sleep(POLL_MS);
  }
  return false;
}

async function claimed(agent = law.agents.a1): Promise<string> {
  const { id } = await law.addTask();
  await call("claim", agent, id, "s");
  return String(id);
}
/** Puts a task in the queue whatever its state is, as no function of the law does. */
async function queue(id: unknown): Promise<void> {
  await law.admin.query(
    "insert into muster.queue (task, rank, project, class) select id, 0, project, class from os_tasks where id = $1 on conflict do nothing",
    [id],
  );
}
async function claimNext(): Promise<void> {
  await law.addTask();
  await call("claim_next", law.agents.a1, "s");
}
/** Whether urgent work is found that was added, but not committed, while `move` moved the head of the queue. */
async function isSeenAfter(move: () => Promise<unknown>): Promise<boolean> {
  await law.addTask({ priority: "P3" });
  await call("tick");
  await law.directus.query("begin");
  const { id } = await law.addTask({ priority: "P1" });
  await move();
  await law.directus.query("commit");
  return Reflect.get(Object((await call("claim_next", law.agents.a1, "s"))["task"]), "id") === id;
}
/** Runs `first` in an open transaction, `second` beside it, then commits; the code that the second meets. */
async function raced(first: readonly [string, ...unknown[]], second: readonly [string, ...unknown[]]): Promise<string> {
  const other = await law.database.connect("muster_directus");
  await law.directus.query("begin");
  await call(...first);
  const rival = codeOf(callVerb(other, ...second));
  await waits(other, rival);
  await law.directus.query("commit");
  return rival;
}

interface Mechanic {
  readonly name: string;
  /** [function, text, replacement] */
  readonly mutant: readonly [name: string, from: string, to: string];
  readonly holds: () => Promise<boolean>;
}

const mechanics: readonly Mechanic[] = [
  {
    name: "a heartbeat of many, or by number, matches the epoch",
    mutant: ["beat", "l.epoch = p_fence", "true"],
    async holds() {
      const id = await claimed();
      return (await codeOf(call("heartbeat", law.agents.a1, id, 7))) === "MUSTER_FENCED";
    },
  },
  {
    name: "a write matches the epoch",
    mutant: ["require_part", " or p_fence <> p_old.claim_epoch", ""],
    async holds() {
      const id = await claimed();
      return (await codeOf(call("submit", law.agents.a1, id, 7, commit))) === "MUSTER_FENCED";
    },
  },
  {
    name: "expiry looks at the lease anew under its lock",
    mutant: [
      "expire",
      "and l.epoch = lease.epoch and l.expires_at + muster.lock_delay() < clock_timestamp() for update",
      "for update",
    ],
    async holds() {
      const id = await claimed();
      await law.expire(id);
      await raced(["heartbeat", law.agents.a1, id, 1], ["tick"]);
      return (await law.task(id))["status"] === "in_progress";
    },
  },
  {
    name: "a verb judges under the task's lock",
    mutant: ["lock_task", "for no key update", ""],
    async holds() {
      const { id } = await law.addTask();
      return (
        (await raced(["claim", law.agents.a1, id, "s"], ["claim", law.agents.a2, id, "t"])) === "MUSTER_CLAIM_CONFLICT"
      );
    },
  },
  {
    name: "every write bumps the version",
    mutant: ["write_task", "p_old.version + 1", "p_old.version"],
    async holds() {
      const { id } = await law.addTask();
      return (await codeOf(call("claim", law.agents.a1, id, "s"))) === "accepted";
    },
  },
  {
    name: "the actor is the caller, never the row's holder",
    mutant: ["move_task", "fields, p_is_claim, p_actor)", "fields, p_is_claim, coalesce(p_old.assigned_to, p_actor))"],
    async holds() {
      const id = await claimed();
      return (await codeOf(call("submit", law.agents.a2, id, 1, commit))) === "MUSTER_FENCED";
    },
  },
  {
    name: "a repeated operation takes nothing more",
    mutant: ["find_operation", "if not found then", "if true then"],
    async holds() {
      await law.addTask();
      await law.addTask();
      const op = randomUUID();
      await call("claim_next", law.agents.a1, "s", {}, op);
      await codeOf(call("claim_next", law.agents.a1, "s", {}, op));
      return (await codeOf(call("claim_next", law.agents.a1, "s", {}, op))) === "accepted";
    },
  },
  {
    name: "an operation id belongs to one actor",
    mutant: ["find_operation", "recorded.actor <> p_actor or ", ""],
    async holds() {
      const { id } = await law.addTask();
      const op = randomUUID();
      await call("add_note", law.agents.a1, id, "x", "note", op);
      return (await codeOf(call("add_note", law.agents.a2, id, "x", "note", op))) === "MUSTER_OPERATION_REUSED";
    },
  },
  {
    name: "a claim skips what another is claiming",
    mutant: ["pick_work", "skip locked", ""],
    async holds() {
      await law.addTask();
      await law.addTask();
      const other = await law.database.connect("muster_directus");
      await law.directus.query("begin");
      await call("claim_next", law.agents.a1, "s");
      const rival = callVerb(other, "claim_next", law.agents.a2, "s");
      const hasWaited = await waits(other, rival);
      await law.directus.query("commit");
      await rival;
      return !hasWaited;
    },
  },
  {
    name: "a claim is taken only while the task is ready, seen anew under its lock",
    mutant: ["pick_work", "x.status = 'ready' and ", ""],
    async holds() {
      const { id } = await law.addTask();
      await call("cancel", STEWARD, id, "Not needed.");
      await queue(id);
      return (await call("claim_next", law.agents.a2, "s"))["claimed"] === false;
    },
  },
  {
    name: "a claim looks at dependencies anew under the task's lock",
    mutant: ["grant_work", "muster.is_open(e.depends_on)", "false"],
    async holds() {
      const { id } = await law.addTask();
      const { id: open } = await law.addTask();
      await call("claim", law.agents.b1, open, "s");
      await call("add_dependency", STEWARD, id, open);
      await queue(id);
      return (await call("claim_next", law.agents.a2, "s"))["claimed"] === false;
    },
  },
  {
    name: "a task that somebody holds is granted to nobody",
    mutant: ["grant_work", "and (select true from muster.leases l where l.task = t.id limit 1) is null", ""],
    async holds() {
      const id = await claimed();
      await law.admin.query("alter table os_tasks disable trigger user");
      await law.admin.query("update os_tasks set status = 'ready' where id = $1", [id]);
      await law.admin.query("alter table os_tasks enable trigger user");
      await law.admin.query("update os_claims set ended_at = now(), ended_by = 'released' where task = $1", [id]);
      await queue(id);
      return (await codeOf(call("claim_next", law.agents.a2, "s"))) === "accepted";
    },
  },
  {
    name: "a plain submission matches the epoch",
    mutant: ["submit_plainly", "epoch = p_fence", "epoch is not null"],
    async holds() {
      const id = await claimed();
      return (await codeOf(call("submit", law.agents.a1, id, 7, commit))) === "MUSTER_FENCED";
    },
  },
  {
    name: "a plain submission is the holder's alone",
    mutant: ["submit_plainly", "and l.holder = p_actor", ""],
    async holds() {
      const id = await claimed();
      return (await codeOf(call("submit", law.agents.a2, id, 1, commit))) === "MUSTER_FENCED";
    },
  },
  {
    name: "an advance is the holder's alone",
    mutant: ["submit_plainly", "l.task = p_task and l.holder = p_actor", "l.task = p_task"],
    async holds() {
      const id = await claimed();
      return (await codeOf(call("advance", law.agents.a2, "s", { task: id, fence: 1, ...commit }))) === "MUSTER_FENCED";
    },
  },
  {
    name: "an advance matches the epoch",
    mutant: ["submit_plainly", "epoch = p_fence", "epoch is not null"],
    async holds() {
      const id = await claimed();
      return (await codeOf(call("advance", law.agents.a1, "s", { task: id, fence: 7, ...commit }))) === "MUSTER_FENCED";
    },
  },
  {
    name: "one agent's claims by claim_next wait for each other at its limit",
    mutant: ["take_work", "for no key update of a", ""],
    async holds() {
      for (let index = 0; index < 3; index += 1) await law.addTask();
      await call("claim_next", law.agents.a1, "s");
      await raced(["claim_next", law.agents.a1, "s"], ["claim_next", law.agents.a1, "t"]);
      return (await law.rows("select from muster.leases")).length === 2;
    },
  },
  {
    name: "an advance frees the place of the task that it ends, and no other",
    mutant: ["submit_plainly", "l.task = p_task and ", ""],
    async holds() {
      const [held] = [await claimed(), await claimed()];
      await law.addTask();
      await law.admin.query("update os_agents set max_wip = 1 where name = 'a1'");
      const answer = await call("advance", law.agents.a1, "s", { task: held, fence: 1, ...commit });
      return Reflect.get(Object(answer["next"]), "reason") === "wip_limit";
    },
  },
  {
    name: "each link of the trail holds the one before",
    mutant: ["log_claim", "previous, p_at at time zone", "'', p_at at time zone"],
    async holds() {
      await claimNext();
      return (await law.rows("select from muster.broken_event_chains()")).length === 0;
    },
  },
  {
    name: "a batch looks at dependencies anew under the task's lock",
    mutant: ["write_claims", "muster.is_open(e.depends_on)", "false"],
    async holds() {
      const { id } = await law.addTask();
      const { id: open } = await law.addTask();
      await call("claim", law.agents.b1, open, "s");
      await call("add_dependency", STEWARD, id, open);
      await queue(id);
      return (await call("claim_many", law.agents.a2, "s", 2))["claimed"] === 0;
    },
  },
  {
    name: "a batch of submissions matches the epoch and the holder of each",
    mutant: ["lock_held", "and l.holder = p_actor", ""],
    async holds() {
      const id = await claimed();
      const { refused } = await call("complete_many", law.agents.a2, [{ task: id, fence: 1, ...commit }]);
      return Object.values(Object(refused)).length === 1;
    },
  },
  {
    name: "each link that a batch adds to the trail holds the one before",
    mutant: ["write_claims", "coalesce(e.hash, '') || chr(10)", "chr(10)"],
    async holds() {
      await law.addTask();
      await law.addTask();
      await call("claim_many", law.agents.a1, "s", 2);
      return (await law.rows("select from muster.broken_event_chains()")).length === 0;
    },
  },
  {
    name: "a head that a rolled back claim has moved is put back",
    mutant: ["tick", "perform muster.settle_queue_head();", ""],
    async holds() {
      const { id } = await law.addTask({ priority: "P0" });
      await law.addTask({ priority: "P3" });
      await law.directus.query("begin");
      await call("claim_next", law.agents.a1, "s");
      await law.admin.query("select setval('muster.queue_head', max(rank)) from muster.queue");
      await law.directus.query("rollback");
      await call("tick");
      return Reflect.get(Object((await call("claim_next", law.agents.a1, "s"))["task"]), "id") === id;
    },
  },
  {
    name: "a beat matches the epoch",
    mutant: ["heartbeat", "l.epoch = p_fence", "true"],
    async holds() {
      const id = await claimed();
      return (await codeOf(call("heartbeat", law.agents.a1, id, 7))) === "MUSTER_FENCED";
    },
  },
  {
    name: "urgent work moves the head of the queue back",
    mutant: ["lower_queue_head", "p_rank < ", "false and p_rank < "],
    async holds() {
      await law.addTask({ priority: "P3" });
      await call("tick");
      const { id } = await law.addTask({ priority: "P0" });
      return Reflect.get(Object((await call("claim_next", law.agents.a1, "s"))["task"]), "id") === id;
    },
  },
  {
    name: "the head never passes work that is not yet committed",
    mutant: ["raise_queue_head", "if not pg_try_advisory_xact_lock(hashtext('muster.queue'), 0) then", "if false then"],
    holds: () => isSeenAfter(() => law.admin.query("select muster.raise_queue_head()")),
  },
  {
    name: "nor does a tick put it past such work",
    mutant: ["settle_queue_head", "if pg_try_advisory_xact_lock(hashtext('muster.queue'), 0) then", "if true then"],
    holds: () => isSeenAfter(() => callVerb(law.admin, "tick")),
  },
  {
    name: "two who reserve at once wait for each other",
    mutant: ["reserve_paths", "perform pg_advisory_xact_lock(hashtext('muster.reservations'));", ""],
    async holds() {
      const [left, right] = [await claimed(), await claimed(law.agents.b1)];
      return (
        (await raced(
          ["reserve_paths", law.agents.a1, left, 1, ["src"]],
          ["reserve_paths", law.agents.b1, right, 1, ["src/x"]],
        )) === "MUSTER_PATH_RESERVED"
      );
    },
  },
  {
    name: "two halves of a circle wait for each other",
    mutant: ["guard_dependency_cycle", "perform pg_advisory_xact_lock(hashtext('muster.task_dependencies'));", ""],
    async holds() {
      const tasks = [await law.addTask(), await law.addTask(), await law.addTask(), await law.addTask()];
      const [a, b, c, d] = tasks.map(({ id }) => String(id));
      await call("add_dependency", STEWARD, a, b);
      await call("add_dependency", STEWARD, c, d);
      return (
        (await raced(["add_dependency", STEWARD, b, c], ["add_dependency", STEWARD, d, a])) ===
        "MUSTER_DEPENDENCY_CYCLE"
      );
    },
  },
  {
    name: "a reader waits for transactions that are still running",
    mutant: ["events_since", "and x.xid < horizon", ""],
    async holds() {
      const { id } = await law.addTask();
      const other = await law.database.connect("muster_directus");
      await law.directus.query("begin");
      await call("add_note", law.agents.a1, id, "Slow.");
      await callVerb(other, "add_note", law.agents.a2, id, "Fast.");
      const page = await callVerb(other, "events_since");
      await law.directus.query("commit");
      const next = await callVerb(other, "events_since", page["cursor"]);
      return (
        [page, next]
          .flatMap(({ events }) => Object.values(Object(events)))
          .filter((event) => Object(event).entity === "os_notes").length === 2
      );
    },
  },
  {
    name: "reservations end with the claim",
    mutant: [
      "end_claim",
      "update public.os_reservations r set released_at = clock_timestamp() where",
      "update public.os_reservations r set released_at = null where false and",
    ],
    async holds() {
      const id = await claimed();
      await call("reserve_paths", law.agents.a1, id, 1, ["src"]);
      await call("release", law.agents.a1, id, 1);
      return (await law.rows("select from os_reservations where released_at is null")).length === 0;
    },
  },
  {
    name: "an outage takes nobody's lease",
    mutant: ["tick", "gap > muster.outage()", "false"],
    async holds() {
      const id = await claimed();
      await law.admin.query("insert into muster.pulse (ticked_at) values (clock_timestamp() - interval '300 s')");
      await law.admin.query("update muster.leases set heartbeat_at = clock_timestamp() - interval '400 s'");
      await law.expire(id, 100);
      await call("tick");
      return (await law.task(id))["status"] === "in_progress";
    },
  },
];

describe.each(mechanics)("$name", ({ mutant, holds }) => {
  test("the law holds", async () => {
    expect(await holds()).toBe(true);
  });
  test("its mutant is caught", async () => {
    await mutate(...mutant);
    expect(await holds()).toBe(false);
  });
});
