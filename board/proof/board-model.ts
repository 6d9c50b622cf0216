/**
 * The board as a few lines of plain data, and random commands that are put to it and to the real law side by side: after each, what the law
 * answered and what its rows hold is what the model foretold.
 */
import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { callVerb } from "../../test/support/call-verb.ts";
import { patchItems } from "../../test/support/directus-writes.ts";
import { type LawFixture, refusalOf } from "../../test/support/law-fixture.ts";

type AgentName = "a1" | "a2" | "b1";
const AGENTS: readonly AgentName[] = ["a1", "a2", "b1"];
const MAX_WIP = 2;
const MAX_ATTEMPTS = 3;

interface ModelTask {
  readonly id: string;
  readonly number: number;
  readonly priority: string;
  status: string;
  epoch: number;
  holder: AgentName | null;
  attempt: number;
  /** Place among the submissions. */
  submitted: number;
  readonly authors: Set<AgentName>;
}

interface Model {
  readonly tasks: ModelTask[];
  submissions: number;
}

/** The law, and the last grant by an operation id, which a command may repeat. */
interface Board {
  readonly law: LawFixture;
  last: { readonly agent: AgentName; readonly op: string; readonly answer: string } | null;
}

type Command = fc.AsyncCommand<Model, Board>;
const isHeldBy = (task: ModelTask, agent: AgentName) => task.holder === agent;
const held = (model: Model, agent: AgentName, status: string) =>
  model.tasks.filter((task) => isHeldBy(task, agent) && task.status === status).length;
/** fast-check picks a large number; which task that is depends on how many there are by then. */
const taskAt = (model: Model, at: number): ModelTask | undefined => model.tasks[at % Math.max(1, model.tasks.length)];

function assertSame(what: string, got: unknown, foretold: unknown): void {
  if (got !== foretold) throw new Error(`${what}: the law says ${String(got)}, the model ${String(foretold)}.`);
}

/** What every command ends with: each row is what the model holds. */
async function assertRows(model: Model, { law }: Board): Promise<void> {
  const users = new Map<unknown, string>(AGENTS.map((name) => [law.agents[name], name]));
  const rows = await law.rows("select id, status, claim_epoch, assigned_to, claim_session, attempt from os_tasks");
  assertSame("number of tasks", rows.length, model.tasks.length);
  for (const row of rows) {
    const task = model.tasks.find(({ id }) => id === row["id"]);
    const shown = [row["status"], row["claim_epoch"], row["attempt"], row["claim_session"]];
    const foretold = [task?.status, task?.epoch, task?.attempt, task?.holder ?? null];
    assertSame(`#${task?.number}`, shown.join(" "), foretold.join(" "));
    if (task?.holder) assertSame(`holder of #${task.number}`, users.get(row["assigned_to"]), task.holder);
  }
}

/** Tries `act`; answers its answer, or the code of its refusal. */
async function tried(act: () => Promise<unknown>): Promise<{ readonly answer: unknown; readonly code: string }> {
  let answer: unknown;
  const refused = await refusalOf(
    act().then((value) => {
      answer = value;
    }),
  );
  return { answer, code: refused?.code ?? "accepted" };
}

function command(name: string, run: (model: Model, board: Board) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, board) {
      await run(model, board);
      await assertRows(model, board);
    },
    toString: () => name,
  };
}

const add = (priority: string) =>
  command(`add ${priority}`, async (model, { law }) => {
    const row = await law.addTask({ priority, max_attempts: MAX_ATTEMPTS });
    const fresh = { status: "ready", epoch: 0, holder: null, attempt: 0, submitted: 0, authors: new Set<AgentName>() };
    model.tasks.push({ id: String(row["id"]), number: Number(row["number"]), priority, ...fresh });
  });

/** Who takes the best task gets the one with the highest priority, then the oldest; nobody gets more than the limit. */
const next = (agent: AgentName) =>
  command(`${agent} next`, async (model, board) => {
    const op = randomUUID();
    const { answer } = await tried(() =>
      callVerb(board.law.directus, "claim_next", board.law.agents[agent], agent, {}, op),
    );
    if (takeBest(model, agent, answer)) board.last = { agent, op, answer: JSON.stringify(answer) };
  });

/** @param answer what the law said to whoever asked for the best task @returns whether there was one */
function takeBest(model: Model, agent: AgentName, answer: unknown): boolean {
  const best = model.tasks
    .filter(({ status, attempt }) => status === "ready" && attempt < MAX_ATTEMPTS)
    .toSorted((a, b) => a.priority.localeCompare(b.priority) || a.number - b.number)[0];
  const isFull = held(model, agent, "in_progress") >= MAX_WIP;
  if (isFull || best === undefined) {
    assertSame(`${agent} next`, Object(answer).reason, isFull ? "wip_limit" : "nothing_ready");
    return false;
  }
  assertSame(`${agent} next`, Object(answer).task?.id, best.id);
  assertSame("its fence", Object(answer).fence, best.epoch + 1);
  grant(best, agent, "in_progress");
  return true;
}

function grant(task: ModelTask, agent: AgentName, status: string): void {
  Object.assign(task, { status, holder: agent, epoch: task.epoch + 1 });
  if (status === "in_progress") task.authors.add(agent);
}

/** A named task, by the verb or by a plain write: work when it is ready, a review when it waits for one. */
const claim = (agent: AgentName, at: number, door: Door) =>
  command(`${agent} claims task ${at} by ${door}`, async (model, { law }) => {
    const task = taskAt(model, at);
    if (task === undefined) return;
    const { code } = await tried(() =>
      door === "verb"
        ? callVerb(law.directus, "claim", law.agents[agent], task.id, agent)
        : patchItems(law.directus, law.agents[agent], "os_tasks", [task.id], { claim_session: agent }),
    );
    assertSame(`claim of #${task.number} by ${agent}`, code, claimed(model, task, agent));
  });

function claimed(model: Model, task: ModelTask, agent: AgentName): string {
  if (isHeldBy(task, agent)) return "accepted";
  // First the refusal that no waiting ends: an author hears it even while another holds the review.
  if (task.status === "in_review" && task.authors.has(agent)) return "MUSTER_SELF_REVIEW";
  if (task.holder !== null) return "MUSTER_CLAIM_CONFLICT";
  if (task.status === "ready") {
    if (held(model, agent, "in_progress") >= MAX_WIP) return "MUSTER_WIP_LIMIT";
    grant(task, agent, "in_progress");
    return "accepted";
  }
  if (task.status !== "in_review") return "MUSTER_NOT_CLAIMABLE";
  if (held(model, agent, "in_review") >= MAX_WIP) return "MUSTER_WIP_LIMIT";
  grant(task, agent, "in_review");
  return "accepted";
}

type Door = "verb" | "items";

/** How far the fence that is sent lies behind the live one. */
type Late = 0 | 1;

/** What only the live holder may do, and only while the task is in `from`. */
const finish =
  (
    name: string,
    from: readonly string[],
    write: (law: LawFixture, user: string, task: ModelTask, fence: number, door: Door) => Promise<unknown>,
    becomes: (task: ModelTask, model: Model, agent: AgentName) => void,
  ) =>
  (agent: AgentName, at: number, late: Late, door: Door) =>
    command(`${agent} ${name} task ${at}, ${late} late, by ${door}`, async (model, { law }) => {
      const task = taskAt(model, at);
      if (task === undefined || task.epoch === 0) return;
      const { code } = await tried(() => write(law, law.agents[agent], task, task.epoch - late, door));
      const isRight = isHeldBy(task, agent) && from.includes(task.status) && late === 0;
      assertSame(`${name} of #${task.number} by ${agent}`, code === "accepted", isRight);
      if (code === "MUSTER_INTERNAL") throw new Error(`${name} was refused without a reason.`);
      if (isRight) becomes(task, model, agent);
    });

const free = (task: ModelTask, status: string) => Object.assign(task, { status, holder: null });

/** Never twice the same: a write that changes nothing is accepted from anyone who may write, and would hide a refusal. */
const freshCommit = () => randomBytes(4).toString("hex");

function handIn(task: ModelTask, model: Model): void {
  model.submissions += 1;
  free(task, "in_review");
  task.submitted = model.submissions;
}

const submit = finish(
  "submits",
  ["in_progress"],
  (law, user, { id }, fence, door) =>
    door === "verb"
      ? callVerb(law.directus, "submit", user, id, fence, { commit: freshCommit() })
      : patchItems(law.directus, user, "os_tasks", [id], {
          status: "in_review",
          fence,
          submitted_commit: freshCommit(),
        }),
  handIn,
);

/** Both or neither: a submission that is refused takes no next task. */
const advance = (agent: AgentName, at: number, late: Late) =>
  command(`${agent} advances from task ${at}, ${late} late`, async (model, { law }) => {
    const task = taskAt(model, at);
    if (task === undefined || task.epoch === 0) return;
    const done = { task: task.id, fence: task.epoch - late, commit: freshCommit() };
    const { answer, code } = await tried(() => callVerb(law.directus, "advance", law.agents[agent], agent, done));
    const isRight = isHeldBy(task, agent) && task.status === "in_progress" && late === 0;
    assertSame(`advance from #${task.number} by ${agent}`, code === "accepted", isRight);
    if (code === "MUSTER_INTERNAL") throw new Error("advance was refused without a reason.");
    if (!isRight) return;
    handIn(task, model);
    takeBest(model, agent, Object(answer).next);
  });

const BLOCK = { type: "needs_human", reason: "No key.", owner: "ops", action: "Make one." };
const block = finish(
  "blocks",
  ["in_progress"],
  (law, user, { id }, fence, door) =>
    door === "verb"
      ? callVerb(law.directus, "block", user, id, fence, BLOCK)
      : patchItems(law.directus, user, "os_tasks", [id], {
          ...{ status: "blocked", fence, blocked_type: BLOCK.type, blocked_reason: BLOCK.reason },
          ...{ blocked_owner: BLOCK.owner, blocked_action: BLOCK.action },
        }),
  (task) => free(task, "blocked"),
);
const release = finish(
  "releases",
  ["in_progress", "in_review"],
  (law, user, { id, status }, fence, door) =>
    door === "verb"
      ? callVerb(law.directus, "release", user, id, fence, "Not mine.")
      : patchItems(
          law.directus,
          user,
          "os_tasks",
          [id],
          status === "in_review" ? { claim_session: null, fence } : { status: "ready", fence },
        ),
  (task) => free(task, task.status === "in_review" ? "in_review" : "ready"),
);
const verdict = (says: "pass" | "fail") =>
  finish(
    says === "pass" ? "passes" : "fails",
    ["in_review"],
    (law, user, { id, status }, fence, door) =>
      // A plain write to ready is a verdict in review only: anywhere else it means to release.
      door === "verb" || status !== "in_review"
        ? callVerb(law.directus, "verdict", user, id, fence, says, "Ran it.")
        : patchItems(law.directus, user, "os_tasks", [id], {
            status: says === "pass" ? "done" : "ready",
            fence,
            evidence: "Ran it.",
          }),
    (task) => {
      if (says === "pass") {
        free(task, "done");
        return;
      }
      task.attempt += 1;
      free(task, task.attempt < MAX_ATTEMPTS ? "ready" : "blocked");
    },
  );

/** The lease ends; the tick that comes gives the task back, or its review. */
const expire = (at: number) =>
  command(`the lease of task ${at} ends`, async (model, { law }) => {
    const task = taskAt(model, at);
    if (task?.holder === undefined || task.holder === null) return;
    await law.expire(task.id);
    await callVerb(law.directus, "tick");
    free(task, task.status === "in_progress" ? "ready" : "in_review");
  });

/** An operation that comes twice has happened once, and is answered the same. */
const repeat = command("the last next is repeated", async (_model, { law, last }) => {
  if (last === null) return;
  const { agent, op, answer } = last;
  const again = await tried(() => callVerb(law.directus, "claim_next", law.agents[agent], agent, {}, op));
  assertSame("the repeated answer", JSON.stringify(again.answer), answer);
});

const agent = fc.constantFrom(...AGENTS);
const place = fc.nat({ max: 5 });
const late = fc.constantFrom<Late>(0, 0, 0, 1);
const door = fc.constantFrom<Door>("verb", "items");
const holding = [submit, submit, release, block, verdict("pass"), verdict("fail")].map((make) =>
  fc.tuple(agent, place, late, door).map((args) => make(...args)),
);

/** Up to `maxCommands` of them, beginning with two tasks. */
export const commands = (maxCommands: number) =>
  fc.commands<Model, Board, false>(
    [
      fc.constantFrom("P0", "P1", "P2").map(add),
      agent.map(next),
      agent.map(next),
      fc.tuple(agent, place, door).map((args) => claim(...args)),
      fc.tuple(agent, place, door).map((args) => claim(...args)),
      ...holding,
      fc.tuple(agent, place, late).map((args) => advance(...args)),
      place.map(expire),
      fc.constant(repeat),
    ],
    { maxCommands, size: "max" },
  );

/** Plays the commands on a board without tasks. @throws what differs between law and model */
export async function play(law: LawFixture, given: Iterable<Command>): Promise<void> {
  const model: Model = { tasks: [], submissions: 0 };
  await fc.asyncModelRun(() => ({ model, real: { law, last: null } }), given);
}
