/** Each mechanic of claiming and finishing by a verb, and the proof that its loss is noticed. */
import { randomUUID } from "node:crypto";
import { callVerb } from "../../test/support/call-verb.ts";
import { STEWARD, withLaw } from "../../test/support/law-fixture.ts";
import { mutantTools } from "../../test/support/law-mutants.ts";

const law = withLaw();
const { call, codeOf, waits, claimed, reviewed, queue, claimNext, raced, prove } = mutantTools(law);
const commit = { commit: "3f9c1e2" };
const checked = [{ id: "a1", text: "It passes.", check: "npm test" }];
/** A task that a1 claimed and wrote to, so that the event that began its lease is not its last one. */
async function writtenSinceClaimed(): Promise<string> {
  await claimNext();
  const [held] = await law.rows("select task from muster.leases");
  await law.patch(law.agents.a1, held?.["task"], { description: "Half done.", fence: 1 });
  return String(held?.["task"]);
}

prove([
  {
    name: "a pass carries each check that the acceptance names",
    mutant: [
      "assert_checks",
      "where not exists (select from jsonb_array_elements(checks)",
      "where false and not exists (select from jsonb_array_elements(checks)",
    ],
    async holds() {
      const id = await reviewed({ acceptance: checked });
      return (await codeOf(call("verdict", law.agents.b1, id, 2, "pass", "ok", commit))) === "MUSTER_EVIDENCE_REQUIRED";
    },
  },
  {
    name: "its checks were run at the submitted commit",
    mutant: [
      "assert_checks",
      "if missing is not null or p_options ->> 'commit' is null then",
      "if missing is not null then",
    ],
    async holds() {
      const id = await reviewed({ acceptance: checked });
      const checks = [{ command: "npm test", exit_code: 0 }];
      return (
        (await codeOf(call("verdict", law.agents.b1, id, 2, "pass", "ok", { checks }))) === "MUSTER_EVIDENCE_REQUIRED"
      );
    },
  },
  {
    name: "a plain write passes no task that has checks, nor takes them away in passing it",
    mutant: [
      "judge_task_update",
      "(muster.required_checks(old) || muster.required_checks(new)) <> '{}'",
      "muster.required_checks(new) <> '{}'",
    ],
    async holds() {
      const id = await reviewed({ acceptance: checked });
      const write = { status: "done", evidence: "ok", acceptance: [{ id: "a1", text: "It passes." }] };
      return (await codeOf(law.patch(STEWARD, id, write))) === "MUSTER_EVIDENCE_REQUIRED";
    },
  },
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
    name: "the plain claim bumps the version",
    mutant: ["grant_work", "version = t.version + 1, ", ""],
    async holds() {
      await law.addTask();
      return (await codeOf(call("claim_next", law.agents.a1, "s"))) === "accepted";
    },
  },
  {
    name: "the plain submission bumps the version",
    mutant: ["submit_plainly", "version = t.version + 1, ", ""],
    async holds() {
      const id = await claimed();
      return (await codeOf(call("submit", law.agents.a1, id, 1, commit))) === "accepted";
    },
  },
  {
    name: "the search locks the task that it found",
    mutant: ["pick_work", "for no key update skip locked", ""],
    async holds() {
      await law.addTask();
      return (await raced(["claim_next", law.agents.a1, "s"], ["claim_next", law.agents.a2, "t"])) === "accepted";
    },
  },
  {
    name: "a claim is in its agent's hands, so that the limit counts it",
    mutant: ["take_work", "held := held || picked.tasks;", "held := coalesce(held, '{}');"],
    async holds() {
      for (let index = 0; index < 3; index += 1) await law.addTask();
      for (let index = 0; index < 3; index += 1) await call("claim_next", law.agents.a1, "s");
      return (await law.rows("select from muster.leases")).length === 2;
    },
  },
  {
    name: "a claim by PATCH is in its agent's hands as well",
    mutant: ["grant_claim", "perform muster.take_in_hand(p_actor, array[task.id]);", ""],
    async holds() {
      const codes: string[] = [];
      for (let index = 0; index < 3; index += 1) {
        const { id } = await law.addTask();
        codes.push(await codeOf(law.patch(law.agents.a1, id, { claim_session: "s" })));
      }
      return codes.at(-1) === "MUSTER_WIP_LIMIT";
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
    mutant: [
      "submit_plainly",
      "  update public.os_tasks t set",
      "  delete from muster.leases l where l.holder = p_actor;\n  update public.os_tasks t set",
    ],
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
    mutant: ["grant_many", "muster.is_open(e.depends_on)", "false"],
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
    mutant: ["grant_many", "e.hash, now_at at time zone", "'', now_at at time zone"],
    async holds() {
      await law.addTask();
      await law.addTask();
      await call("claim_many", law.agents.a1, "s", 2);
      return (await law.rows("select from muster.broken_event_chains()")).length === 0;
    },
  },
  {
    name: "each link that a batch of submissions adds holds the one before",
    mutant: ["submit_many", "d.previous, now_at at time zone", "'', now_at at time zone"],
    async holds() {
      await call("complete_many", law.agents.a1, [{ task: await claimed(), fence: 1, ...commit }]);
      return (await law.rows("select from muster.broken_event_chains()")).length === 0;
    },
  },
  {
    name: "a submission links to the event that began its lease only where nothing came after it",
    mutant: ["submit_plainly", "when l.version = old_version then", "when true then"],
    async holds() {
      const id = await writtenSinceClaimed();
      await call("submit", law.agents.a1, id, 1, commit);
      return (await law.rows("select from muster.broken_event_chains()")).length === 0;
    },
  },
  {
    name: "a batch of submissions does so, too",
    mutant: ["submit_many", " and l.version = old.version", ""],
    async holds() {
      const id = await writtenSinceClaimed();
      await call("complete_many", law.agents.a1, [{ task: id, fence: 1, ...commit }]);
      return (await law.rows("select from muster.broken_event_chains()")).length === 0;
    },
  },
]);
