/**
 * The history checker against boards whose law is broken: each mutant leaves a state or an answer that its invariant names. Where a key or a
 * second look would stop the mutant as well, the mutant takes that away, too.
 */
import { randomUUID } from "node:crypto";
import { callVerb } from "../../test/support/call-verb.ts";
import { type Fields, patchItems } from "../../test/support/directus-writes.ts";
import { addAgent, claim, STEWARD, withLaw } from "../../test/support/law-fixture.ts";
import { mutantTools } from "../../test/support/law-mutants.ts";
import { eventually } from "../../test/support/processes.ts";
import { checkHistory } from "../src/history/check-history.ts";
import { collectHistory } from "../src/history/collect-history.ts";
import { compareClocks } from "../src/history/compare-clocks.ts";
import type { History } from "../src/history/history.ts";
import { readAnswer } from "../src/history/read-answer.ts";
import { type Intent, Recorder } from "../src/history/recorder.ts";

const law = withLaw();
const { call, claimed, queue, mutate, prove, waits } = mutantTools(law);
const commit = { commit: "3f9c1e2" };

type Facts = Partial<Pick<History, "tickMs" | "clocks" | "incarnations" | "outages">>;
/** For what takes a second on an idle machine. */
const PATIENCE_MS = 60_000;

/**
 * Plays a story and judges its history: true when nothing is wrong with it, false when that invariant is broken.
 * @throws Error when only others are
 */
async function isSound(invariant: string, play: (told: ReturnType<typeof clients>) => Promise<Facts>) {
  const told = clients();
  const facts = await play(told);
  const board = await collectHistory(law.admin);
  const { calls } = told.recorder;
  const found = checkHistory({ calls, board, tickMs: null, clocks: null, incarnations: [], outages: [], ...facts });
  if (found.length > 0 && !found.some((each) => each.invariant === invariant))
    throw new Error(`Not ${invariant} but ${JSON.stringify(found)}`);
  return found.length === 0;
}

const numberIn = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Calls that are written down; a refusal is an outcome, too. The client is the caller, unless a grant makes it its session. */
function clients() {
  const recorder = new Recorder();
  const verb = (name: string, intent: Partial<Intent>, ...args: readonly unknown[]) =>
    recorder.record({ client: String(args[0]), verb: name, ...intent }, () => call(name, ...args), readAnswer);
  const patch = (user: string, task: string, fields: Fields) =>
    recorder.record(
      { client: user, verb: "patch", task, base: numberIn(fields["version"]), fence: numberIn(fields["fence"]) },
      () => patchItems(law.directus, user, "os_tasks", [task], fields),
      ([row]) => ({ task, version: row?.["version"] ?? null, epoch: row?.["claim_epoch"] ?? null, answer: null }),
    );
  /** `first` within an open transaction, `second` beside it on a connection of its own; then the first one commits. */
  async function race(
    first: () => Promise<unknown>,
    name: string,
    intent: Partial<Intent>,
    ...args: readonly unknown[]
  ) {
    const other = await law.database.connect("muster_directus");
    await law.directus.query("begin");
    await first();
    const second = recorder.record(
      { client: String(args[0]), verb: name, ...intent },
      () => callVerb(other, name, ...args),
      readAnswer,
    );
    await waits(other, second);
    await law.directus.query("commit");
    await second;
  }
  return { recorder, verb, patch, race };
}

/** Keys behind which the law's own locks stand: with them two holders are impossible by construction. */
const dropKeys = () =>
  law.admin.query(`alter table muster.leases drop constraint leases_pkey; drop index os_claims_live_key;
    alter table os_claims drop constraint os_claims_task_epoch_key;
    alter table os_events drop constraint os_events_entity_entity_id_version_key`);

prove([
  {
    name: "I4 sees a dead fence that was accepted",
    mutant: ["submit_plainly", "epoch = p_fence", "epoch is not null"],
    holds: () =>
      isSound("I4", async ({ verb }) => {
        const task = await claimed();
        await call("release", law.agents.a1, task, 1);
        await call("claim", law.agents.a1, task, "again");
        await verb("submit", { task, fence: 1 }, law.agents.a1, task, 1, commit);
        return {};
      }),
  },
  {
    name: "I1 sees two holders where a verb does not lock the task",
    mutant: async () => {
      await mutate("lock_task", "for no key update", "");
      await mutate("append_event", "if event.version <> coalesce(", "if false and event.version <> coalesce(");
      await dropKeys();
    },
    holds: () =>
      isSound("I1", async ({ verb, race }) => {
        const { id } = await law.addTask();
        const task = String(id);
        const [first, second] = [law.agents.a1, law.agents.a2];
        const take = () => verb("claim", { client: "s", task }, first, task, "s");
        await race(take, "claim", { client: "t", task }, second, task, "t");
        return {};
      }),
  },
  {
    name: "I13 sees a lease that ended after its heartbeat was answered, where expiry does not look again",
    mutant: [
      "expire",
      "and l.epoch = lease.epoch and l.expires_at + muster.lock_delay() < clock_timestamp() for update",
      "for update",
    ],
    holds: () =>
      isSound("I13", async ({ verb, race }) => {
        const task = await claimed();
        await law.expire(task);
        const beat = () => verb("heartbeat", { task, fence: 1 }, law.agents.a1, task, 1);
        await race(beat, "tick", { client: "clock" });
        return {};
      }),
  },
  {
    name: "I8 sees a claim that bumped no version and told no event",
    mutant: async () => {
      await mutate("grant_work", "version = t.version + 1, ", "");
      await mutate("log_claim", "if not found then", "if not found then return null; end if; if false then");
    },
    holds: () =>
      isSound("I8", async ({ verb }) => {
        await law.addTask();
        await verb("claim_next", { client: "s" }, law.agents.a1, "s");
        return {};
      }),
  },
  {
    name: "I4 sees whoever wrote in the name of the row's holder",
    mutant: ["move_task", "fields, p_is_claim, p_actor)", "fields, p_is_claim, coalesce(p_old.assigned_to, p_actor))"],
    holds: () =>
      isSound("I4", async ({ verb }) => {
        const task = await claimed();
        await verb("submit", { task, fence: 1 }, law.agents.a2, task, 1, commit);
        return {};
      }),
  },
  {
    name: "I8 sees a write that a bypass within the body let through",
    mutant: async () => {
      const bypass = "begin\n  if current_user = 'muster_owner' then return new; end if;\n";
      await mutate("muster.judge_task_update()", "begin\n", bypass);
      await mutate("muster.refuse_raw_task_write()", "begin\n", bypass);
    },
    holds: () =>
      isSound("I8", async ({ patch }) => {
        const task = await claimed();
        await patch(law.agents.a2, task, { title: "Mine" });
        return {};
      }),
  },
  {
    name: "I6 sees a holder whose lease went by a function that everybody may call",
    mutant: () =>
      law.admin.query(
        "grant usage on schema muster to public; grant execute on all functions in schema muster to public",
      ),
    holds: () =>
      isSound("I6", async ({ recorder }) => {
        const task = await claimed();
        const end = () => law.directus.query("select muster.end_claim($1, 'expired', 'discarded')", [task]);
        await recorder.record({ client: "thief", verb: "end_claim", task }, end, () => readAnswer(null));
        return {};
      }),
  },
  {
    name: "I6 sees a lease that outlived its claim",
    mutant: ["end_claim", "delete from muster.leases l where l.task = p_task;", ""],
    holds: () =>
      isSound("I6", async ({ verb }) => {
        const task = await claimed();
        await verb("release", { task, fence: 1 }, law.agents.a1, task, 1);
        return {};
      }),
  },
  {
    name: "I10 sees a claim before its dependency was done",
    mutant: ["grant_work", "muster.is_open(e.depends_on)", "false"],
    holds: () =>
      isSound("I10", async ({ verb }) => {
        const { id } = await law.addTask();
        const open = await claimed(law.agents.b1);
        await call("add_dependency", STEWARD, id, open);
        await queue(id);
        await verb("claim_next", { client: "s" }, law.agents.a2, "s");
        await law.admin.query("delete from muster.queue where task = $1", [id]);
        return {};
      }),
  },
  {
    name: "I15 sees a lease that nobody ends",
    mutant: [
      "expire",
      "where l.expires_at + muster.lock_delay()",
      "where false and l.expires_at + muster.lock_delay()",
    ],
    holds: () =>
      isSound("I15", async () => {
        await law.expire(await claimed());
        await call("tick");
        return { tickMs: 2_000 };
      }),
  },
  {
    name: "I15 sees an agent that is told that there is nothing, where capabilities are forgotten",
    mutant: ["pick_work", "x.required_capabilities <@ p_capabilities", "x.required_capabilities = '[]'"],
    holds: () =>
      isSound("I15", async ({ recorder, verb }) => {
        const capabilities = ["deep"];
        const agent = await addAgent(law.admin, law.directus, "able", "alpha", { capabilities });
        const poll = { agent, capabilities, project: null, class: null };
        await law.addTask({ required_capabilities: capabilities });
        const since = performance.now();
        const isAnswered = async () => {
          await verb("claim_next", { client: "s", poll }, agent, "s");
          const longest = Math.max(...recorder.calls.map(({ asked, answered }) => (answered ?? asked) - asked));
          const [from, to] = [since + 2 * longest, performance.now() - 2 * longest];
          const late = recorder.calls.filter(({ asked, answered }) => asked > from && (answered ?? to) < to);
          return recorder.calls.some(({ task }) => task !== null) || late.length > 1;
        };
        await eventually("it has work, or asked long enough", isAnswered, PATIENCE_MS);
        return { clocks: await compareClocks(law.admin, () => performance.now()) };
      }),
  },
  {
    name: "I17 sees a stamp from before the lock that was waited for",
    mutant: ["submit_plainly", "now_at := clock_timestamp();", "now_at := statement_timestamp();"],
    holds: () =>
      isSound("I17", async ({ verb }) => {
        const task = await claimed();
        const other = await law.database.connect("muster_directus");
        await other.query("begin");
        await other.query("select from os_tasks where id = $1 for no key update", [task]);
        const late = verb("submit", { task, fence: 1 }, law.agents.a1, task, 1, commit);
        await waits(law.directus, late);
        await patchItems(other, STEWARD, "os_tasks", [task], { priority: "P0" });
        await other.query("commit");
        await late;
        return {};
      }),
  },
  {
    name: "I18 sees a write over a version that had moved",
    mutant: ["judge_task_update", "if new.version is distinct from old.version then", "if false then"],
    holds: () =>
      isSound("I18", async ({ patch }) => {
        const task = await claimed();
        await patch(law.agents.a1, task, { title: "First", fence: 1, version: 2 });
        await patch(law.agents.a1, task, { title: "Second", fence: 1, version: 2 });
        return {};
      }),
  },
  {
    name: "I19 sees a token that outlived a restore",
    mutant: ["check_fence", "split_part(p_token, '.', 1)::integer <> incarnation", "false"],
    holds: () =>
      isSound("I19", async ({ recorder }) => {
        await law.admin.query("select muster.ensure_instance(gen_random_uuid())");
        const task = await claimed();
        await call("release", law.agents.a1, task, 1);
        const since = performance.now();
        await law.admin.query("select muster.new_incarnation('restore')");
        const { fence } = await call("claim", law.agents.a2, task, "t");
        const check = () => callVerb(law.directus, "check_fence", task, `1.${String(fence)}`);
        await recorder.record({ client: "gate", verb: "check_fence", task, incarnation: 1 }, check, readAnswer);
        return { incarnations: [{ number: 2, since }] };
      }),
  },
  {
    name: "I21 sees a lease that an outage took",
    mutant: ["tick", "gap > muster.outage()", "false"],
    holds: () =>
      isSound("I21", async () => {
        const task = await claimed();
        await law.admin.query("insert into muster.pulse (ticked_at) values (clock_timestamp() - interval '300 s')");
        await law.admin.query("update muster.leases set heartbeat_at = clock_timestamp() - interval '400 s'");
        await law.admin.query("update os_claims set claimed_at = clock_timestamp() - interval '400 s'");
        await law.expire(task, 100);
        await call("tick");
        return { outages: [{ from: Date.now() - 300_000, to: Date.now(), graceMs: 60_000 }] };
      }),
  },
  {
    name: "I22 sees an author who verified its own work",
    mutant: ["assert_guards", "if 'other_author' = any (p_guards) and", "if false and"],
    holds: () =>
      isSound("I22", async ({ recorder, verb }) => {
        const { id } = await law.submittedTask();
        const task = String(id);
        const review = () => patchItems(law.directus, law.agents.a1, "os_tasks", [task], claim("other"));
        await recorder.record({ client: "other", verb: "patch", task }, review, () => readAnswer(null));
        await verb("verdict", { task, fence: 2 }, law.agents.a1, task, 2, "pass", "Mine is good.");
        return {};
      }),
  },
  {
    name: "I14 sees an operation that was done twice",
    mutant: [
      "find_operation",
      "return recorded.answer;",
      "delete from muster.operations o where o.op = p_op; return null;",
    ],
    holds: () =>
      isSound("I14", async ({ verb }) => {
        const op = randomUUID();
        await law.addTask();
        await law.addTask();
        for (const _ of [1, 2]) await verb("claim_next", { op, client: "s" }, law.agents.a1, "s", {}, op);
        return {};
      }),
  },
]);
