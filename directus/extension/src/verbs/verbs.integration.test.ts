import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AgentBoard, bringUpAgentBoard } from "../../../../test/support/agent-board.ts";
import { eventually } from "../../../../test/support/processes.ts";
import { mcp, rest, type VerbAnswer } from "../../../../test/support/verb-doors.ts";

/** What Directus keeps open to Postgres at most; calls enough for three times as many. */
const POOL = 10;
const CALLS = 30;
const PATIENCE_MS = 60_000;

let board: AgentBoard;
/** Tokens by agent: a and c share a model family, b is of another. */
let a: string;
let b: string;
let c: string;

beforeAll(async () => {
  board = await bringUpAgentBoard("verbs");
  a = await board.addAgent("a01", "x");
  b = await board.addAgent("b01", "y");
  c = await board.addAgent("c01", "x");
});

afterAll(async () => {
  await board?.stop();
});

type Answer = Readonly<Record<string, unknown>>;

function accepted(answer: VerbAnswer): Answer {
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
  return answer.answer;
}

const doors = [
  { name: "REST", door: rest },
  { name: "MCP", door: mcp },
] as const;

describe.each(doors)("an agent over $name", ({ name, door }) => {
  const call = async (token: string, verb: string, args: object) => accepted(await door(board.url, token, verb, args));
  const refusal = async (token: string, verb: string, args: object) => {
    const answer = await door(board.url, token, verb, args);
    if (answer.ok) throw new Error(`${verb} was accepted: ${JSON.stringify(answer.answer)}`);
    return answer;
  };
  const session = `${name}-a`;
  const review = `${name}-b`;

  it("joins, and is told who it is and what it holds", async () => {
    expect(await call(a, "join", { session, client: "test" })).toMatchObject({
      agent: { name: "a01" },
      session,
      claims: [],
    });
  });

  it("takes the best ready task, notes, submits; another verifies it; it is done", async () => {
    await board.addReadyTask(`${name} later`, { priority: "P3" });
    const best = await board.addReadyTask(`${name} first`, { priority: "P0", risk: "medium" });
    const granted = await call(a, "next", { session });
    expect(granted).toMatchObject({ claimed: true, kind: "work", fence: 1, task: { number: best.number } });
    const task = `#${best.number}`;
    await call(a, "note", { task, body: "It works so.", kind: "finding" });
    expect(await call(a, "submit", { task, fence: 1, commit: "abc123", summary: "Made it." })).toMatchObject({
      status: "in_review",
    });
    expect(await refusal(c, "review", { session: `${name}-c`, task })).toMatchObject({
      status: 403,
      code: "MUSTER_SAME_FAMILY",
    });
    expect(await refusal(b, "next", { session: review, task })).toMatchObject({ code: "MUSTER_NOT_CLAIMABLE" });
    const reviewed = await call(b, "next", { session: review, task, kind: "review" });
    expect(reviewed).toMatchObject({
      claimed: true,
      kind: "review",
      fence: 2,
      task: { number: best.number, submitted_commit: "abc123" },
    });
    const judged = { task, fence: 2, verdict: "pass", evidence: "Ran it; all green.", checks: ["0 npm test"] };
    expect(await call(b, "verdict", judged)).toMatchObject({ status: "done" });
    const shown = await call(c, "show", { task: String(best.number) });
    expect(shown).toMatchObject({
      task: { status: "done" },
      lease: null,
      verifications: [{ verdict: "pass" }],
      notes: expect.anything(),
    });
  });

  it("finds tasks by words, status and holder, in few words", async () => {
    const found = await call(c, "find", { text: `${name} later`, status: "ready", project: "demo" });
    expect(found).toMatchObject({
      tasks: [{ title: `${name} later`, status: "ready", held: "no", project: "demo" }],
      more: false,
    });
    expect(await call(c, "find", { mine: true })).toEqual({ tasks: [], more: false });
  });

  it("claims the named task, and only for what it asked", async () => {
    const { number } = await board.addReadyTask(`${name} named`, { priority: "P3" });
    expect(await refusal(a, "review", { session, task: `${number}` })).toMatchObject({ code: "MUSTER_NOT_CLAIMABLE" });
    const granted = await call(a, "next", { session, task: number });
    expect(granted).toMatchObject({ claimed: true, task: { number } });
    expect(await refusal(b, "next", { session: review, task: number })).toMatchObject({
      status: 409,
      code: "MUSTER_CLAIM_CONFLICT",
    });
    expect(await call(a, "release", { task: number, fence: granted["fence"], reason: "Not mine." })).toMatchObject({
      status: "ready",
    });
  });

  it("blocks for a person with owner and action, and is told when they are missing", async () => {
    const { number } = await board.addReadyTask(`${name} blocked`, { priority: "P3" });
    const { fence } = await call(a, "next", { session, task: number });
    const block = { task: number, fence, reason: "No key.", blocked_type: "needs_human" };
    expect(await refusal(a, "release", block)).toMatchObject({ status: 422, code: "MUSTER_BLOCK_INCOMPLETE" });
    expect(await call(a, "release", { ...block, owner: "ops", action: "Make a key." })).toMatchObject({
      status: "blocked",
    });
  });

  it("adds a task with its acceptance, and it waits in triage", async () => {
    const proposed = { project: "demo", title: `${name} idea`, acceptance: ["It runs.", "It stops."], priority: "P1" };
    const added = await call(a, "add", proposed);
    expect(added).toMatchObject({ status: "triage" });
    expect(await call(a, "show", { task: added["ref"] })).toMatchObject({
      task: {
        title: `${name} idea`,
        acceptance: [
          { id: "a1", text: "It runs." },
          { id: "a2", text: "It stops." },
        ],
      },
    });
  });

  it("gets the recorded answer to a repeated key, and is refused when the key meant something else", async () => {
    const { number } = await board.addReadyTask(`${name} once`, { priority: "P3" });
    const key = `${name}-once`;
    const first = await call(a, "next", { session, task: number, key });
    expect(await call(a, "next", { session, task: number, key })).toEqual(first);
    const submitted = { task: number, fence: first["fence"], commit: "abc", key: randomUUID() };
    const state = await call(a, "submit", submitted);
    expect(await call(a, "submit", submitted)).toEqual(state);
    expect(await refusal(a, "submit", { ...submitted, commit: "other" })).toMatchObject({
      code: "MUSTER_OPERATION_REUSED",
    });
    const note = { task: number, body: "Once.", key: `${name}-note` };
    expect(await call(a, "note", note)).toEqual(await call(a, "note", note));
    const shown = JSON.stringify(await call(a, "show", { task: number }));
    expect(shown.split('"Once."')).toHaveLength(2);
  });

  it("hands in and takes the next task in one call", async () => {
    const [one, two] = [
      await board.addReadyTask(`${name} one`, { priority: "P0" }),
      await board.addReadyTask(`${name} two`, { priority: "P0" }),
    ];
    const { fence, task } = await call(a, "next", { session });
    expect(task).toMatchObject({ number: one.number });
    const advanced = await call(a, "submit", { task: one.number, fence, artifact: "out.txt", next: session });
    expect(advanced).toMatchObject({
      submitted: { status: "in_review" },
      next: { claimed: true, task: { number: two.number } },
    });
    await call(a, "release", { task: two.number, fence: 1, reason: "Enough." });
    await board.admin.request("PATCH", `/items/os_tasks/${two.id}`, {
      body: { status: "cancelled", status_reason: "test" },
    });
  });

  it("waits for a task without holding a connection, and gets it when it comes", async () => {
    for (const row of accepted(await rest(board.url, a, "find", { status: "ready", limit: 50 }))["tasks"] as {
      number: number;
    }[]) {
      await cancel(row.number);
    }
    expect(await call(a, "next", { session })).toMatchObject({ claimed: false, reason: "nothing_ready" });
    const started = Date.now();
    const waiting = Array.from({ length: 30 }, () => call(a, "next", { session, wait: 9 }));
    // More waiters than Directus has connections: the board still answers at once.
    expect(await call(b, "find", {})).toBeDefined();
    const { number } = await board.addReadyTask(`${name} awaited`);
    const woken = await Promise.race(waiting);
    expect(woken).toMatchObject({ claimed: true, task: { number } });
    expect(Date.now() - started).toBeLessThan(14_000);
    await call(a, "submit", { task: number, fence: 1, commit: "abc" });
    const rest_ = await Promise.all(waiting);
    expect(rest_.filter((answer) => answer["claimed"] === true)).toHaveLength(1);
  });

  it("keeps late work as a note when its claim has been taken away", async () => {
    const { id, number } = await board.addReadyTask(`${name} late`);
    const { fence } = await call(a, "next", { session, task: number });
    await board.admin.request("PATCH", `/items/os_tasks/${id}`, { body: { claim_session: null, status: "ready" } });
    const refused = await refusal(a, "submit", { task: number, fence, commit: "late1" });
    expect(refused).toMatchObject({ status: 412, code: "MUSTER_FENCED", facts: { kept: expect.any(String) } });
    expect(JSON.stringify(await call(b, "show", { task: number }))).toContain("late1");
    await cancel(number);
  });
});

async function cancel(number: number): Promise<void> {
  const filter = { number: { _eq: number } };
  const body = { query: { filter }, data: { status: "cancelled", status_reason: "test" } };
  await board.admin.request("PATCH", "/items/os_tasks", { body });
}

describe("more calls at once than Directus has connections", () => {
  it("wait while every connection waits for one row, and lose nothing: one of them gets the task, all are told", async () => {
    const { db } = board.board;
    const { id, number } = await board.addReadyTask("Contended", { priority: "P3" });
    await db.query("begin");
    await db.query("select from public.os_tasks where id = $1 for update", [id]);
    const tokens = [a, b, c] as const;
    const claims = Array.from({ length: CALLS }, (_, at) =>
      rest(board.url, tokens[at % tokens.length] ?? a, "next", { session: `pool-${at}`, task: number }),
    );
    // pg_stat_activity would be read once for the whole transaction.
    const waiting = async () =>
      (await db.query("select distinct l.pid from pg_locks l where not l.granted")).rows.length >= POOL;
    await eventually("every connection of the pool waits for the row", waiting, PATIENCE_MS);
    const late = rest(board.url, b, "find", { text: "Contended" });
    await db.query("commit");
    const answers = await Promise.all(claims);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const refused = answers.filter((answer) => !answer.ok);
    expect(refused).toHaveLength(CALLS - 1);
    for (const answer of refused) expect(answer).toMatchObject({ status: 409, code: "MUSTER_CLAIM_CONFLICT" });
    expect(accepted(await late)).toMatchObject({ tasks: [{ title: "Contended" }] });
    const { rows } = await db.query("select from public.os_claims where task = $1", [id]);
    expect(rows).toHaveLength(1);
    await cancel(number);
  });
});

describe("what hooks and scripts call over REST", () => {
  it("renews a lease, reserves paths, reports usage, reads events, and leaves", async () => {
    const call = async (verb: string, args: object) => accepted(await rest(board.url, c, verb, args));
    const { number } = await board.addReadyTask("Sidecar");
    const { fence, session } = await call("next", { session: "side", task: number });
    expect(session).toBe("side");
    expect(await call("heartbeat", { task: number, fence })).toMatchObject({
      fence,
      lease_expires_at: expect.any(String),
    });
    expect(await call("reserve", { task: number, fence, paths: ["src/a"] })).toMatchObject({
      reserved: [{ path: "src/a" }],
    });
    expect(await call("usage", { task: number, fence, tokens_in: 10, tokens_out: 5 })).toMatchObject({
      usage: expect.any(String),
    });
    const { events } = await call("events", { task: number, limit: 10 });
    expect(JSON.stringify(events)).toContain('"claimed"');
    expect(await call("leave", { session: "side" })).toMatchObject({ released: [expect.any(String)] });
  });

  it("replays an operation of an outbox exactly once, and answers a refusal instead of failing", async () => {
    const { number } = await board.addReadyTask("Outbox");
    const { fence } = accepted(await rest(board.url, c, "next", { session: "out", task: number }));
    const submitted = {
      op: randomUUID(),
      verb: "submit",
      args: JSON.stringify({ task: number, fence, commit: "abc", summary: "s" }),
    };
    const replayed = async (body: object) => accepted(await rest(board.url, c, "replay", body));
    expect(await replayed(submitted)).toMatchObject({ result: "applied" });
    expect(await replayed(submitted)).toMatchObject({ result: "duplicate" });
    expect(await replayed({ ...submitted, op: randomUUID() })).toMatchObject({
      result: "rejected",
      kept: expect.any(String),
    });
    const note = { op: randomUUID(), verb: "note", args: JSON.stringify({ task: 9999, body: "x" }) };
    expect(await replayed(note)).toMatchObject({ result: "rejected", error: { code: "MUSTER_NOT_FOUND" } });
  });

  it("knows the operation that was sent online, when its answer was lost and an outbox sends it again", async () => {
    const { number } = await board.addReadyTask("Ambiguous");
    const { fence } = accepted(await rest(board.url, c, "next", { session: "out", task: number }));
    const args = { task: String(number), fence, commit: "abc" };
    const op = randomUUID();
    accepted(await rest(board.url, c, "submit", { ...args, key: op }));
    const answer = accepted(await rest(board.url, c, "replay", { op, verb: "submit", args: JSON.stringify(args) }));
    expect(answer).toMatchObject({ result: "duplicate" });
  });
});
