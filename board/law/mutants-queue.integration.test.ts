/** Each mechanic of the queue, of batches, of recorded operations, of reservations, of reading and of time, and the proof that its loss is noticed. */
import { randomUUID } from "node:crypto";
import { callVerb } from "../../test/support/call-verb.ts";
import { STEWARD, withLaw } from "../../test/support/law-fixture.ts";
import { mutantTools } from "../../test/support/law-mutants.ts";

const law = withLaw();
const { call, codeOf, claimed, isSeenAfter, raced, prove } = mutantTools(law);

prove([
  {
    name: "a batch of claims bumps each version",
    mutant: ["grant_many", "version = t.version + 1,", "version = t.version,"],
    async holds() {
      await law.addTask();
      await law.addTask();
      return (await codeOf(call("claim_many", law.agents.a1, "s", 2))) === "accepted";
    },
  },
  {
    name: "an operation is recorded by the transaction that has its effect",
    mutant: ["record_operation", "if p_op is not null then", "if false then"],
    async holds() {
      await law.addTask();
      const op = randomUUID();
      const claimOnce = () => call("claim_next", law.agents.a1, "s", {}, op);
      // One that was undone leaves no record that would stand for its effect.
      await law.directus.query("begin");
      await claimOnce();
      await law.directus.query("rollback");
      await claimOnce();
      const together = await law.rows(
        `select from muster.operations o join public.os_events e on mod(e.xid::text::numeric, 4294967296) = o.xmin::text::numeric
         where o.op = $1 and e.kind = 'claimed'`,
        [op],
      );
      return together.length === 1;
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
  {
    name: "an outage takes no lease that was granted after the last tick",
    mutant: [
      "tick",
      "where k.expires_at > last_tick order",
      "where k.expires_at > last_tick and k.heartbeat_at <= last_tick order",
    ],
    async holds() {
      const id = await claimed();
      await law.admin.query("insert into muster.pulse (ticked_at) values (clock_timestamp() - interval '300 s')");
      await law.admin.query("update muster.leases set heartbeat_at = clock_timestamp() - interval '290 s'");
      await law.expire(id, 100);
      await call("tick");
      return (await law.task(id))["status"] === "in_progress";
    },
  },
  {
    name: "expiry waits for the lock delay",
    mutant: ["expire", " + muster.lock_delay()", ""],
    async holds() {
      const id = await claimed();
      await law.expire(id, 1);
      await call("tick");
      return (await law.task(id))["status"] === "in_progress";
    },
  },
  {
    name: "a token of an earlier incarnation is dead, whatever its epoch",
    mutant: ["check_fence", "split_part(p_token, '.', 1)::integer <> incarnation", "false"],
    async holds() {
      const id = await claimed();
      await law.admin.query("select muster.ensure_instance(gen_random_uuid())");
      await law.admin.query("select muster.new_incarnation('restore')");
      const { fence } = await call("claim", law.agents.a2, id, "t");
      return (await codeOf(call("check_fence", id, `1.${String(fence)}`))) === "MUSTER_FENCED";
    },
  },
  {
    name: "no epoch of a lost time is granted again",
    mutant: ["new_incarnation", "leap constant integer := 1000", "leap constant integer := 0"],
    async holds() {
      const id = await claimed();
      // Of the time after the backup nothing is left: there the task may have had the epochs 2 and 3.
      await law.admin.query("select muster.new_incarnation('restore')");
      return Number((await call("claim", law.agents.a2, id, "t"))["fence"]) > 3;
    },
  },
  {
    name: "work that comes too late is kept",
    mutant: ["apply_op", "if answer #>> '{error,code}' in", "if false and answer #>> '{error,code}' in"],
    async holds() {
      const id = await claimed();
      await law.expire(id);
      await call("tick");
      const args = { task: id, fence: 1, result: { commit: "3f9c1e2" } };
      await call("apply_op", law.agents.a1, randomUUID(), { verb: "submit", args });
      return (await law.rows("select from os_notes where kind = 'finding'")).length === 1;
    },
  },
]);
