import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { suspendAgent } from "../../../../cli/src/directus/agents.ts";
import { type AgentBoard, bringUpAgentBoard, type TaskRow } from "../../../../test/support/agent-board.ts";
import { signJwt } from "../../../../test/support/directus-jwt.ts";
import { mcp, rest } from "../../../../test/support/verb-doors.ts";

let board: AgentBoard;
const tokens: Record<string, string> = {};
/** In progress, held by a01 with fence 1. */
let held: TaskRow;
/** Ready. */
let ready: TaskRow;
let special: TaskRow;
let reserved: TaskRow;
let dependent: TaskRow;

interface Bad {
  readonly what: string;
  readonly verb: string;
  readonly args: () => object;
  readonly as?: string | null;
  readonly status: number;
  readonly code: string;
  /** A word of the next step. */
  readonly says: RegExp;
}

beforeAll(async () => {
  board = await bringUpAgentBoard("badinput");
  tokens["a01"] = await board.addAgent("a01", "x", { maxWip: 3 });
  tokens["b01"] = await board.addAgent("b01", "y", { maxWip: 1 });
  tokens["gone"] = await board.addAgent("gone", "x");
  tokens["rotated"] = await board.addAgent("turned", "x");
  await board.addAgent("turned", "x");
  tokens["admin"] = board.adminToken;
  tokens["wrong"] = "no-such-token";
  tokens["expired"] = signJwt(board.board.directus.secret(), randomUUID(), null, -60);
  [held, ready, special, reserved] = [
    await board.addReadyTask("held"),
    await board.addReadyTask("ready"),
    await board.addReadyTask("special", { required_capabilities: ["welding"] }),
    await board.addReadyTask("reserved", { paths: ["src/shared"] }),
  ];
  dependent = await board.addReadyTask("dependent");
  const edge = { task: dependent.id, depends_on: ready.id };
  await board.admin.request("POST", "/items/os_task_dependencies", { body: edge });
  const claim = { session: "s", task: String(held.number) };
  const granted = await rest(board.url, tokens["a01"] ?? "", "next", claim);
  expect(granted).toMatchObject({ ok: true, answer: { fence: 1 } });
  const reserve = { task: String(held.number), fence: 1, paths: ["src"] };
  expect(await rest(board.url, tokens["a01"] ?? "", "reserve", reserve)).toMatchObject({ ok: true });
  const mine = await board.addReadyTask("b01's one");
  const full = { session: "b", task: String(mine.number) };
  expect(await rest(board.url, tokens["b01"] ?? "", "next", full)).toMatchObject({ ok: true });
});

afterAll(async () => {
  await board?.stop();
});

const HELD = () => ({ task: `#${held.number}` });
const INVALID = { status: 422, code: "MUSTER_VALUE_INVALID" } as const;

const TABLE: readonly Bad[] = [
  {
    what: "an unknown task by number",
    verb: "show",
    args: () => ({ task: "#99999" }),
    status: 404,
    code: "MUSTER_NOT_FOUND",
    says: /id/,
  },
  {
    what: "an unknown task by id",
    verb: "note",
    args: () => ({ task: randomUUID(), body: "x" }),
    status: 404,
    code: "MUSTER_NOT_FOUND",
    says: /id/,
  },
  {
    what: "a bad uuid",
    verb: "note",
    args: () => ({ task: "123e4567-zzzz", body: "x" }),
    status: 404,
    code: "MUSTER_NOT_FOUND",
    says: /id/,
  },
  {
    what: "a task that is SQL",
    verb: "show",
    args: () => ({ task: "1; drop table os_tasks" }),
    status: 404,
    code: "MUSTER_NOT_FOUND",
    says: /id/,
  },
  {
    what: "a fence that is a word",
    verb: "release",
    args: () => ({ ...HELD(), fence: "abc", reason: "r" }),
    ...INVALID,
    says: /fence/,
  },
  {
    what: "a fence that is too large",
    verb: "release",
    args: () => ({ ...HELD(), fence: 99999999999, reason: "r" }),
    ...INVALID,
    says: /fence/,
  },
  { what: "no fence", verb: "release", args: () => ({ ...HELD(), reason: "r" }), ...INVALID, says: /needs fence/ },
  { what: "a NUL byte", verb: "note", args: () => ({ ...HELD(), body: "a\0b" }), ...INVALID, says: /body/ },
  {
    what: "half a surrogate pair",
    verb: "submit",
    args: () => ({ ...HELD(), fence: 1, commit: "\ud800" }),
    ...INVALID,
    says: /./,
  },
  {
    what: "a text that is too long",
    verb: "note",
    args: () => ({ ...HELD(), body: "x".repeat(20_001) }),
    ...INVALID,
    says: /body/,
  },
  {
    what: "an unknown argument",
    verb: "note",
    args: () => ({ ...HELD(), body: "x", colour: "red" }),
    ...INVALID,
    says: /It takes/,
  },
  {
    what: "a forged actor",
    verb: "note",
    args: () => ({ ...HELD(), body: "x", actor: randomUUID() }),
    ...INVALID,
    says: /actor/,
  },
  {
    what: "a forged owner",
    verb: "submit",
    args: () => ({ ...HELD(), fence: 1, commit: "c", assigned_to: randomUUID() }),
    ...INVALID,
    says: /assigned_to/,
  },
  {
    what: "a forged epoch",
    verb: "submit",
    args: () => ({ ...HELD(), fence: 1, commit: "c", claim_epoch: 9 }),
    ...INVALID,
    says: /claim_epoch/,
  },
  { what: "an unknown status", verb: "find", args: () => ({ status: "open" }), ...INVALID, says: /status/ },
  {
    what: "a session of control characters",
    verb: "next",
    args: () => ({ session: "a\u0007b" }),
    ...INVALID,
    says: /session/,
  },
  { what: "a wait that is too long", verb: "next", args: () => ({ session: "s", wait: 46 }), ...INVALID, says: /wait/ },
  {
    what: "an unknown project",
    verb: "add",
    args: () => ({ project: "nope", title: "t" }),
    status: 422,
    code: "MUSTER_REFERENCE_UNKNOWN",
    says: /project/,
  },
  {
    what: "a dependency that does not exist",
    verb: "add",
    args: () => ({ project: "demo", title: "t", depends_on: ["#99999"] }),
    status: 404,
    code: "MUSTER_NOT_FOUND",
    says: /id|number/,
  },
  {
    what: "a dead fence",
    verb: "release",
    args: () => ({ ...HELD(), fence: 7, reason: "r" }),
    status: 412,
    code: "MUSTER_FENCED",
    says: /read it again/i,
  },
  {
    what: "a foreign session",
    verb: "next",
    args: () => ({ ...HELD(), session: "another" }),
    status: 409,
    code: "MUSTER_CLAIM_CONFLICT",
    says: /claim another/,
  },
  {
    what: "a claim that somebody else holds",
    verb: "submit",
    as: "b01",
    args: () => ({ ...HELD(), fence: 1, commit: "c" }),
    status: 412,
    code: "MUSTER_FENCED",
    says: /read it again/i,
  },
  {
    what: "a submission without a result",
    verb: "submit",
    args: () => ({ ...HELD(), fence: 1 }),
    status: 422,
    code: "MUSTER_SUBMISSION_REQUIRED",
    says: /commit/,
  },
  {
    what: "a verdict on a task that is not under review",
    verb: "verdict",
    args: () => ({ ...HELD(), fence: 1, verdict: "pass", evidence: "e" }),
    status: 422,
    code: "MUSTER_TRANSITION_ILLEGAL",
    says: /can/i,
  },
  {
    what: "a block without owner and action",
    verb: "release",
    args: () => ({ ...HELD(), fence: 1, reason: "r", blocked_type: "needs_human" }),
    status: 422,
    code: "MUSTER_BLOCK_INCOMPLETE",
    says: /owner/,
  },
  {
    what: "a capability that the agent lacks",
    verb: "next",
    args: () => ({ session: "s", task: `${special.number}` }),
    status: 403,
    code: "MUSTER_CAPABILITY_MISSING",
    says: /capabilities/,
  },
  {
    what: "a task whose dependency is open",
    verb: "next",
    args: () => ({ session: "s", task: `${dependent.number}` }),
    status: 424,
    code: "MUSTER_DEPENDENCY_OPEN",
    says: /Claim/,
  },
  {
    what: "one task more than the limit",
    verb: "next",
    as: "b01",
    args: () => ({ session: "b", task: `${ready.number}` }),
    status: 429,
    code: "MUSTER_WIP_LIMIT",
    says: /Finish or release/,
  },
  {
    what: "a path that another agent has reserved",
    verb: "next",
    as: "c01",
    args: () => ({ session: "c", task: `${reserved.number}` }),
    status: 409,
    code: "MUSTER_PATH_RESERVED",
    says: /Claim another/,
  },
  {
    what: "a review of what is not in review",
    verb: "review",
    args: () => ({ session: "s", task: `${ready.number}` }),
    status: 422,
    code: "MUSTER_NOT_CLAIMABLE",
    says: /in_review/,
  },
  {
    what: "ready from somebody who is no steward",
    verb: "add",
    args: () => ({ project: "demo", title: "t", acceptance: ["a"], ready: true }),
    status: 403,
    code: "MUSTER_STEWARD_ONLY",
    says: /steward/,
  },
  {
    what: "a claim by a steward",
    verb: "next",
    as: "admin",
    args: () => ({ session: "s" }),
    status: 422,
    code: "MUSTER_FIELD_PROTECTED",
    says: /agent's own token/,
  },
  { what: "no token", verb: "find", as: null, args: () => ({}), status: 401, code: "MUSTER_NO_ACTOR", says: /token/ },
  {
    what: "a wrong token",
    verb: "find",
    as: "wrong",
    args: () => ({}),
    status: 401,
    code: "MUSTER_TOKEN_INVALID",
    says: /token/,
  },
  {
    what: "a rotated token",
    verb: "find",
    as: "rotated",
    args: () => ({}),
    status: 401,
    code: "MUSTER_TOKEN_INVALID",
    says: /token/,
  },
  {
    what: "an expired JWT",
    verb: "find",
    as: "expired",
    args: () => ({}),
    status: 401,
    code: "MUSTER_TOKEN_EXPIRED",
    says: /Log in/,
  },
];

/** What would tell a caller about the database. */
const SQL = /select |insert |update "|relation |column "|syntax error|pg_|plpgsql|SQLSTATE|constraint/i;

describe.each(TABLE)("$what", ({ verb, args, as = "a01", status, code, says }) => {
  it("is refused alike through both doors, with a next step and without a word of SQL, and nothing is written", async () => {
    tokens["c01"] ??= await board.addAgent("c01", "z");
    const token = as === null ? null : (tokens[as] ?? "");
    const before = await traceOfBoard();
    const sent = args();
    const [overRest, overMcp] = [await rest(board.url, token, verb, sent), await mcp(board.url, token, verb, sent)];
    expect(overRest).toMatchObject({ ok: false, status, code, message: expect.stringMatching(says) });
    expect(overMcp).toEqual(overRest);
    expect(JSON.stringify(overRest)).not.toMatch(SQL);
    expect(await traceOfBoard()).toEqual(before);
  });
});

describe("a suspended agent", () => {
  const refusedBy = async (token: string) => {
    const before = await traceOfBoard();
    const [overRest, overMcp] = [
      await rest(board.url, token, "next", { session: "s" }),
      await mcp(board.url, token, "next", { session: "s" }),
    ];
    expect(overMcp).toEqual(overRest);
    expect(overRest).toMatchObject({ ok: false, message: expect.stringContaining("ask a steward") });
    expect(await traceOfBoard()).toEqual(before);
    return overRest;
  };

  it("is refused by the law while its token still opens the door, and by the door once its user is suspended", async () => {
    const { rows } = await board.board.db.query('select id, "user" from public.os_agents where name = $1', ["gone"]);
    const { id, user } = z.object({ id: z.string(), user: z.string() }).parse(rows[0]);
    await board.admin.request("PATCH", `/items/os_agents/${id}`, { body: { status: "suspended" } });
    const bySuspension = { status: 403, code: "MUSTER_AGENT_SUSPENDED" };
    expect(await refusedBy(tokens["gone"] ?? "")).toMatchObject(bySuspension);
    const { signal } = new AbortController();
    await suspendAgent({ url: board.url, token: board.adminToken, signal }, "gone");
    expect(await refusedBy(tokens["gone"] ?? "")).toMatchObject({ status: 401, code: "MUSTER_TOKEN_INVALID" });
    // A session that it opened before lives on at the door: the law alone ends it.
    const session = signJwt(board.board.directus.secret(), user, board.board.data.ids.roles.agent, 900);
    expect(await refusedBy(session)).toMatchObject(bySuspension);
  });
});

/** Everything by which a half-applied refusal would show. */
async function traceOfBoard(): Promise<unknown> {
  const { rows } = await board.board.db.query(
    `select (select count(*) from public.os_events) as events, (select count(*) from public.os_notes) as notes,
            (select count(*) from public.os_tasks) as tasks, (select sum(version) from public.os_tasks) as versions,
            (select count(*) from public.os_claims) as claims, (select count(*) from muster.operations) as operations`,
  );
  return rows[0];
}
