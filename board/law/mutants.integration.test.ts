/** Each mechanic of the law, and the proof that a test would notice its loss: the probe holds on the law and falls on the mutant. */
import { createItem, patchItems } from "../../test/support/directus-writes.ts";
import { claim, refusalOf, STEWARD, withLaw } from "../../test/support/law-fixture.ts";
import { mutantTools, SETS_ITS_SESSION } from "../../test/support/law-mutants.ts";

const law = withLaw();
const { codeOf, run, waits, claimed, reviewed, prove } = mutantTools(law);

/** A blocked task that waits for two tasks in review, whose review claims b1 and a2 hold. */
async function waitingTask() {
  const first = await law.submittedTask();
  const second = await law.submittedTask();
  const { id } = await law.addTask();
  await law.patch(law.agents.b1, id, claim());
  await law.patch(law.agents.b1, id, {
    status: "blocked",
    fence: 1,
    blocked_type: "dependency",
    blocked_reason: "Waits.",
  });
  for (const { id: depends_on } of [first, second]) {
    await createItem(law.directus, STEWARD, "os_task_dependencies", { task: id, depends_on });
  }
  await law.patch(law.agents.b1, first["id"], claim("r1"));
  await law.patch(law.agents.a2, second["id"], claim("r2"));
  return { id: String(id), first: String(first["id"]), second: String(second["id"]) };
}
const pass = { status: "done", fence: 2, evidence: "ok" };

prove([
  {
    name: "the bypass for the board's own writes is in the trigger's WHEN",
    mutant:
      run(`drop trigger os_tasks_10_api on os_tasks; create trigger os_tasks_10_api before update of date_updated on os_tasks
      for each row execute function muster.judge_task_update()`),
    async holds() {
      const { id, first, second } = await waitingTask();
      await refusalOf(law.patch(law.agents.b1, first, pass));
      await refusalOf(law.patch(law.agents.a2, second, pass));
      return (await law.task(id))["status"] === "ready";
    },
  },
  {
    name: "no body asks for current_user, which is always the owner there",
    mutant: [
      "muster.judge_task_update()",
      "begin\n",
      "begin\n  if current_user = 'muster_owner' then return new; end if;\n",
    ],
    async holds() {
      const { id } = await law.addTask();
      return (await codeOf(law.patch(law.agents.a1, id, { title: "Mine" }))) === "MUSTER_CLAIM_REQUIRED";
    },
  },
  {
    name: "a raw write past the API is refused",
    mutant: run("drop trigger os_tasks_20_raw on os_tasks"),
    async holds() {
      const { id } = await law.addTask();
      const sorted = law.directus.query("update os_tasks set sort = 3 where id = $1", [id]);
      if ((await codeOf(sorted)) !== "accepted") return false;
      return (
        (await codeOf(
          law.directus.query("update os_tasks set status = 'done', done_at = now() where id = $1", [id]),
        )) === "MUSTER_RAW_WRITE"
      );
    },
  },
  {
    name: "the trigger that judges and bumps comes before the one that refuses what was not bumped",
    mutant: run("alter trigger os_tasks_10_api on os_tasks rename to os_tasks_30_api"),
    async holds() {
      const { id } = await law.addTask();
      return (await codeOf(law.patch(law.agents.a1, id, claim("s")))) === "accepted";
    },
  },
  {
    name: "a claim with the holder's own session text is seen as a claim",
    mutant: [
      "muster.mark_named_session()",
      "begin\n",
      "begin\n  if new.claim_session is not distinct from old.claim_session then return new; end if;\n",
    ],
    async holds() {
      const { id } = await law.addTask();
      await law.patch(law.agents.a1, id, claim("same"));
      return (await codeOf(law.patch(law.agents.a2, id, claim("same")))) === "MUSTER_CLAIM_CONFLICT";
    },
  },
  {
    name: "the stamp names the actor for Directus's login alone",
    mutant: ["muster.require_actor(uuid)", "session_user <> 'muster_directus' or ", ""],
    async holds() {
      const { id } = await law.addTask();
      return (await codeOf(patchItems(law.admin, STEWARD, "os_tasks", [id], { priority: "P0" }))) === "MUSTER_NO_ACTOR";
    },
  },
  {
    name: "no login may call the board's functions unless told so",
    mutant: run("grant usage on schema muster to public; grant execute on all functions in schema muster to public"),
    holds: async () =>
      (await law.directus.query("select muster.set_config('lock_delay_seconds', '0')").catch(() => null)) === null,
  },
  {
    name: "a function made later is executable by nobody else either",
    mutant: run("alter default privileges for role muster_owner grant execute on functions to public"),
    async holds() {
      await law.admin.query("set role muster_owner");
      await law.admin.query("create function muster.later() returns int language sql as $$ select 1 $$");
      await law.admin.query("reset role");
      const [row] = await law.rows(
        "select has_function_privilege('muster_directus', 'muster.later()', 'execute') as may",
      );
      return row?.["may"] === false;
    },
  },
  {
    name: "definer functions pin their search_path",
    mutant: run("alter function muster.judge_task_update() reset search_path"),
    async holds() {
      const { id } = await law.addTask();
      await law.directus.query(`create table public.caught (who text); grant insert on public.caught to muster_owner;
        create function public.starts_with(text, text) returns boolean language plpgsql as
          $$ begin insert into public.caught values (current_user); return pg_catalog.starts_with($1, $2); end $$;
        set search_path = public, pg_catalog`);
      await refusalOf(law.patch(law.agents.a1, id, claim()));
      return (await law.rows("select from public.caught")).length === 0;
    },
  },
  {
    name: "one agent's claims wait for each other at its limit",
    mutant: ["muster.count_held(uuid,os_agents,text,uuid)", "where a.id = p_agent.id", "where false"],
    async holds() {
      const tasks = [await law.addTask(), await law.addTask(), await law.addTask()].map(({ id }) => String(id));
      const [held = "", left = "", right = ""] = tasks;
      await law.patch(law.agents.a1, held, claim());
      const other = await law.database.connect("muster_directus");
      await law.directus.query("begin");
      await law.patch(law.agents.a1, left, claim());
      const rival = codeOf(patchItems(other, law.agents.a1, "os_tasks", [right], claim()));
      await waits(other, rival);
      await law.directus.query("commit");
      return (await rival) === "MUSTER_WIP_LIMIT";
    },
  },
  {
    name: "of two last dependencies done at once, one makes the dependent ready",
    mutant: ["muster.unblock_dependents(uuid)", "order by t.id for no key update of t", "order by t.id"],
    async holds() {
      const { id, first, second } = await waitingTask();
      const other = await law.database.connect("muster_directus");
      await law.directus.query("begin");
      await law.patch(law.agents.b1, first, pass);
      const rival = refusalOf(patchItems(other, law.agents.a2, "os_tasks", [second], pass));
      await waits(other, rival);
      await law.directus.query("commit");
      await rival;
      return (await law.task(id))["status"] === "ready";
    },
  },
  {
    name: "a write that changes nothing passes without a fence",
    mutant: ["judge_task_update", "if fields = '{}' and", "if false and"],
    async holds() {
      const id = await claimed();
      const { version } = await law.task(id);
      return (
        (await codeOf(law.patch(law.agents.a2, id, {}))) === "accepted" && (await law.task(id))["version"] === version
      );
    },
  },
  {
    name: "no function leaves a setting on the session that it ran in",
    mutant: ["judge_task_update", "begin\n", "begin\n  perform set_config('muster.actor', actor::text, false);\n"],
    holds: async () => (await law.rows(SETS_ITS_SESSION)).length === 0,
  },
  {
    name: "only a write that names date_updated is judged as the API's",
    mutant: run(`drop trigger os_tasks_10_api on os_tasks; create trigger os_tasks_10_api before update on os_tasks
      for each row when (current_user <> 'muster_owner') execute function muster.judge_task_update()`),
    async holds() {
      const { id } = await law.addTask();
      const text = "update os_tasks set status = 'cancelled', status_reason = 'x', user_updated = $2 where id = $1";
      return (await codeOf(law.directus.query(text, [id, STEWARD]))) === "MUSTER_RAW_WRITE";
    },
  },
  {
    name: "a write at a version that has moved is refused",
    mutant: ["judge_task_update", "if new.version is distinct from old.version then", "if false then"],
    async holds() {
      const write = { title: "Mine", fence: 1, version: 1 };
      return (await codeOf(law.patch(law.agents.a1, await claimed(), write))) === "MUSTER_STALE_VERSION";
    },
  },
  {
    name: "a verdict carries evidence",
    mutant: ["assert_guards", "if 'evidence' = any (p_guards) and", "if false and"],
    async holds() {
      const write = { status: "done", fence: 2 };
      return (await codeOf(law.patch(law.agents.b1, await reviewed(), write))) === "MUSTER_EVIDENCE_REQUIRED";
    },
  },
  {
    name: "nobody reviews their own work",
    mutant: ["assert_guards", "if 'other_author' = any (p_guards) and", "if false and"],
    async holds() {
      const { id } = await law.submittedTask();
      return (await codeOf(law.patch(law.agents.a1, String(id), claim("other")))) === "MUSTER_SELF_REVIEW";
    },
  },
  {
    name: "risky work is reviewed by another model family",
    mutant: ["assert_guards", "if 'other_family' = any (p_guards) and", "if false and"],
    async holds() {
      const { id } = await law.submittedTask({ risk: "medium" });
      return (await codeOf(law.patch(law.agents.a2, String(id), claim("r")))) === "MUSTER_SAME_FAMILY";
    },
  },
  {
    name: "a lease that has just ended is not yet free",
    mutant: ["assert_claim_guards", "lease.expires_at + muster.lock_delay()", "lease.expires_at"],
    async holds() {
      const id = await claimed();
      await law.expire(id, 1);
      return (await codeOf(law.patch(law.agents.a2, id, claim("other")))) === "MUSTER_CLAIM_CONFLICT";
    },
  },
  {
    name: "not even a superuser rewrites an event by accident",
    mutant: run("drop trigger os_events_10_append_only on os_events"),
    holds: async () =>
      (await codeOf(law.admin.query("update os_events set actor_name = 'x'"))) === "MUSTER_APPEND_ONLY",
  },
  {
    name: "tasks are not deleted",
    mutant: run("drop trigger os_tasks_00_keep on os_tasks"),
    async holds() {
      await law.addTask();
      return (await codeOf(law.admin.query("delete from os_tasks"))) === "MUSTER_DELETE_FORBIDDEN";
    },
  },
  {
    name: "there is one live claim per task by construction",
    mutant: run("drop index os_claims_live_key"),
    async holds() {
      const { id } = await law.addTask();
      await law.patch(law.agents.a1, id, claim());
      return (
        (await codeOf(law.admin.query("insert into os_claims (task, attempt, epoch) values ($1, 1, 2)", [id]))) ===
        "MUSTER_DUPLICATE"
      );
    },
  },
]);
