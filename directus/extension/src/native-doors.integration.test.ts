import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { suspendAgent } from "../../../cli/src/directus/agents.ts";
import { openDirectus } from "../../../cli/src/directus/client.ts";
import { type AgentBoard, bringUpAgentBoard, type TaskRow } from "../../../test/support/agent-board.ts";
import { BAD_WRITES, type BadWrite, update } from "../../../test/support/bad-writes.ts";
import { signJwt } from "../../../test/support/directus-jwt.ts";
import { type NativeRefusal, overGraphql, overMcp, overRest } from "../../../test/support/native-doors.ts";
import { mcp, postJson, rest } from "../../../test/support/verb-doors.ts";

let board: AgentBoard;
let a01: string;
let b01: string;
/** Of a01's model family. */
let a02: string;
/** Holds all it may: one. */
let c01: string;
/** Tokens that open no door any more, by why. */
const dead: Record<string, string> = {};
/** In progress, held by a01 under session "s" with fence 1. */
let held: TaskRow;
let ready: TaskRow;
let first: TaskRow;
/** In review at high risk, made by a01. */
let judged: TaskRow;
/** Needs a capability that nobody has. */
let special: TaskRow;

beforeAll(async () => {
  board = await bringUpAgentBoard("native");
  a01 = await board.addAgent("a01", "x");
  b01 = await board.addAgent("b01", "y");
  a02 = await board.addAgent("a02", "x");
  c01 = await board.addAgent("c01", "y", { maxWip: 1 });
  const { signal } = new AbortController();
  Object.assign(dead, {
    wrong: "no-such-token",
    rotated: await board.addAgent("turning", "x"),
    suspended: await board.addAgent("gone", "x"),
    expired: signJwt(board.board.directus.secret(), randomUUID(), null, -60),
  });
  await board.addAgent("turning", "x");
  await suspendAgent({ url: board.url, token: board.adminToken, signal }, "gone");
  held = await board.addReadyTask("held");
  ready = await board.addReadyTask("ready");
  first = await board.addReadyTask("first");
  await board.admin.request("POST", "/items/os_task_dependencies", { body: { task: ready.id, depends_on: first.id } });
  judged = await board.addReadyTask("judged", { risk: "high" });
  special = await board.addReadyTask("special", { required_capabilities: ["rust"] });
  const full = await board.addReadyTask("full");
  const submission = { fence: 1, status: "in_review", submitted_commit: "3f9c1e2" };
  for (const [token, task, data] of [
    [a01, held, { claim_session: "s" }],
    [c01, full, { claim_session: "s" }],
    [a01, judged, { claim_session: "s" }],
    [a01, judged, submission],
  ] as const)
    expect(await overRest(board.url, token, update(task, data))).toBeNull();
});

afterAll(async () => {
  await board?.stop();
});

/** What would tell a caller about the database. */
const SQL = /select |insert |update "|relation |column "|syntax error|pg_|plpgsql|SQLSTATE|constraint/i;

/** Everything by which a half-applied refusal would show. */
async function traceOfBoard(): Promise<unknown> {
  const { rows } = await board.board.db.query(
    `select (select count(*) from public.os_events) as events, (select count(*) from public.os_tasks) as tasks,
            (select sum(version) from public.os_tasks) as versions, (select count(*) from public.os_claims) as claims,
            (select count(*) from public.os_task_dependencies) as edges`,
  );
  return rows[0];
}

const tokenOf = (as: BadWrite["as"] = "a01") => ({ admin: board.adminToken, a01, a02, b01, c01 })[as];

describe.each(BAD_WRITES)("$what", ({ as, isTyped, write, status, code, says }) => {
  it("is refused alike over REST, native MCP and GraphQL, without a word of SQL, and nothing is written", async () => {
    const before = await traceOfBoard();
    const bad = write({ held, ready, first, judged, special });
    const answers: (NativeRefusal | null)[] = [];
    for (const door of [overRest, overMcp, overGraphql]) {
      // GraphQL takes a reference as an object and would write what it names: creations go through the other two.
      if (door === overGraphql && (isTyped === true || bad.action === "create")) continue;
      answers.push(await door(board.url, tokenOf(as), bad));
    }
    expect(answers[0]).toMatchObject({ status, code, message: expect.stringMatching(says) });
    for (const answer of answers) {
      expect(answer).toMatchObject({ code, message: answers[0]?.message });
      expect(JSON.stringify(answer)).not.toMatch(SQL);
    }
    expect(await traceOfBoard()).toEqual(before);
  });
});

describe("a forged actor", () => {
  const userOf = async (agent: string) => {
    const { rows } = await board.board.db.query('select "user" as id from public.os_agents where name = $1', [agent]);
    return z.tuple([z.object({ id: z.string() })]).parse(rows)[0].id;
  };
  const lastActor = async () => {
    const { rows } = await board.board.db.query(
      "select actor as id from public.os_events where entity_id = $1 order by version desc limit 1",
      [held.id],
    );
    return z.tuple([z.object({ id: z.string() })]).parse(rows)[0].id;
  };

  it("gives nobody another's rights: b01 that says it is a01 is refused as b01", async () => {
    const before = await traceOfBoard();
    const forged = update(held, { fence: 1, description: "x", user_updated: await userOf("a01") });
    expect(await overRest(board.url, b01, forged)).toMatchObject({ status: 412, code: "MUSTER_FENCED" });
    expect(await overMcp(board.url, b01, forged)).toMatchObject({ code: "MUSTER_FENCED" });
    // GraphQL may refuse the field itself; accepted it is never.
    expect(await overGraphql(board.url, b01, forged)).not.toBeNull();
    expect(await traceOfBoard()).toEqual(before);
  });

  it("is not written down: what a01 writes in b01's name is a01's", async () => {
    const [a, b] = [await userOf("a01"), await userOf("b01")];
    for (const [at, door] of [overRest, overMcp].entries()) {
      const forged = update(held, { fence: 1, description: `forged ${at}`, user_updated: b });
      expect(await door(board.url, a01, forged)).toBeNull();
      expect(await lastActor()).toBe(a);
    }
  });
});

describe.each(["wrong", "rotated", "suspended", "expired"])("a token that is %s", (why) => {
  it("is 401 over REST, native MCP and GraphQL, and nothing is written", async () => {
    const before = await traceOfBoard();
    const token = dead[why] ?? "";
    const data = { claim_session: "s" };
    const call = { name: "items", arguments: { action: "update", collection: "os_tasks", keys: [ready.id], data } };
    const query = `mutation { update_os_tasks_item(id: "${ready.id}", data: { claim_session: "s" }) { id } }`;
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    const responses = [
      await fetch(`${board.url}/items/os_tasks/${ready.id}`, { method: "PATCH", headers, body: JSON.stringify(data) }),
      await postJson(`${board.url}/mcp`, token, { jsonrpc: "2.0", id: 1, method: "tools/call", params: call }),
      await postJson(`${board.url}/graphql`, token, { query }),
    ];
    const code = why === "expired" ? "TOKEN_EXPIRED" : "INVALID_CREDENTIALS";
    for (const response of responses) {
      const text = await response.text();
      expect({ status: response.status, text }).toEqual({ status: 401, text: expect.stringContaining(`"${code}"`) });
      expect(text).not.toMatch(SQL);
    }
    expect(await traceOfBoard()).toEqual(before);
  });
});

describe("no token at all", () => {
  it("opens no native door, and nothing is written", async () => {
    const before = await traceOfBoard();
    const data = { claim_session: "s" };
    const call = { name: "items", arguments: { action: "update", collection: "os_tasks", keys: [ready.id], data } };
    const query = `mutation { update_os_tasks_item(id: "${ready.id}", data: { claim_session: "s" }) { id } }`;
    const post = (path: string, body: object, method = "POST") =>
      fetch(`${board.url}${path}`, {
        method,
        headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
        body: JSON.stringify(body),
      });
    const patched = await post(`/items/os_tasks/${ready.id}`, data, "PATCH");
    expect(patched.status).toBe(403);
    const asked = await post("/mcp", { jsonrpc: "2.0", id: 1, method: "tools/call", params: call });
    expect(asked.status).toBe(401);
    // The public may read nothing, so Directus can build no GraphQL schema for it and fails by itself, with a 500.
    const text = await (await post("/graphql", { query })).text();
    expect(text).toMatch(/"code":"INTERNAL_SERVER_ERROR"/);
    expect(text).not.toContain('"data"');
    expect(text).not.toMatch(SQL);
    expect(await traceOfBoard()).toEqual(before);
  });
});

describe("what touches no guarded column", () => {
  const versionOf = async (id: string) => {
    const { rows } = await board.board.db.query("select version from public.os_tasks where id = $1", [id]);
    return z.tuple([z.object({ version: z.int() })]).parse(rows)[0].version;
  };
  const notesOn = async (id: string) =>
    (await board.board.db.query("select from public.os_notes where task = $1", [id])).rows.length;

  it("a PATCH that only nests a note passes unfenced from anybody, and bumps nothing", async () => {
    const [version, notes] = [await versionOf(held.id), await notesOn(held.id)];
    const nested = update(held, { notes: { create: [{ kind: "note", body: "Seen." }], update: [], delete: [] } });
    expect(await overRest(board.url, b01, nested)).toBeNull();
    expect(await overMcp(board.url, b01, nested)).toBeNull();
    expect([await versionOf(held.id), await notesOn(held.id)]).toEqual([version, notes + 2]);
  });

  it("a move by hand in the Studio sorts, and is no write of the task", async () => {
    const before = await traceOfBoard();
    const response = await postJson(`${board.url}/utils/sort/os_tasks`, board.adminToken, {
      item: first.id,
      to: held.id,
    });
    expect(response.ok).toBe(true);
    expect(await traceOfBoard()).toEqual(before);
  });
});

describe("a user that the board knows", () => {
  it("is deleted by no administrator, so that no task loses its author or its holder behind the law's back", async () => {
    const before = await traceOfBoard();
    const { rows } = await board.board.db.query(
      "select a.\"user\" as id, t.assigned_to as holder from public.os_agents a, public.os_tasks t where a.name = 'a01' and t.id = $1",
      [held.id],
    );
    const [{ id, holder }] = z.tuple([z.object({ id: z.string(), holder: z.string() })]).parse(rows);
    expect(holder).toBe(id);
    const headers = { Authorization: `Bearer ${board.adminToken}` };
    const response = await fetch(`${board.url}/users/${id}`, { method: "DELETE", headers });
    expect(response.status).toBeGreaterThanOrEqual(400);
    const { rows: after } = await board.board.db.query(
      "select assigned_to as holder from public.os_tasks where id = $1",
      [held.id],
    );
    expect(after).toEqual([{ holder: id }]);
    expect(await traceOfBoard()).toEqual(before);
  });
});

describe("many rows at once", () => {
  it("are refused together when one of them is refused, by keys and by query, and none is changed", async () => {
    const before = await traceOfBoard();
    const batch = { ...update(held, { claim_session: "b" }), keys: [first.id, held.id] };
    expect(await overRest(board.url, b01, batch)).toMatchObject({ status: 409, code: "MUSTER_CLAIM_CONFLICT" });
    expect(await overMcp(board.url, b01, batch)).toMatchObject({ code: "MUSTER_CLAIM_CONFLICT" });
    const query = { filter: { status: { _in: ["ready", "in_progress"] } } };
    const byQuery = openDirectus({ url: board.url, token: b01, signal: new AbortController().signal });
    await expect(
      byQuery.request("PATCH", "/items/os_tasks", { body: { query, data: { claim_session: "b" } } }),
    ).rejects.toMatchObject({ status: expect.any(Number), refusal: expect.stringMatching(/^MUSTER_/) });
    expect(await traceOfBoard()).toEqual(before);
  });

  it("are refused whole past twenty, by Directus itself", async () => {
    const before = await traceOfBoard();
    const keys = Array.from({ length: 21 }, () => randomUUID());
    const refusal = await overRest(board.url, a01, { ...update(held, { claim_session: "s" }), keys });
    expect(refusal).toMatchObject({ status: 400, message: expect.stringContaining("max batch mutation limit of 20") });
    expect(await traceOfBoard()).toEqual(before);
  });
});

describe("a delete", () => {
  it("is refused to an administrator through every door, with what to do instead", async () => {
    const before = await traceOfBoard();
    const gone = { action: "delete", collection: "os_tasks", keys: [first.id] } as const;
    expect(await overRest(board.url, board.adminToken, gone)).toMatchObject({
      status: 403,
      code: "MUSTER_DELETE_FORBIDDEN",
      message: expect.stringContaining("Cancel the task"),
    });
    expect(await overGraphql(board.url, board.adminToken, gone)).toMatchObject({ code: "MUSTER_DELETE_FORBIDDEN" });
    expect(await overMcp(board.url, board.adminToken, gone)).toMatchObject({
      message: expect.stringContaining("Delete actions are disabled"),
    });
    expect(await overRest(board.url, a01, gone)).toMatchObject({ status: 403 });
    expect(await traceOfBoard()).toEqual(before);
  });
});

describe("a body past the limit", () => {
  it("is refused by Directus itself at its own doors, and nothing is written", async () => {
    const before = await traceOfBoard();
    // A megabyte is the limit there.
    const huge = update(held, { fence: 1, description: "x".repeat(1_100_000) });
    const refusal = await overRest(board.url, a01, huge);
    expect(refusal).toMatchObject({
      status: 400,
      code: "INVALID_PAYLOAD",
      message: expect.stringMatching(/too large/),
    });
    expect(await overGraphql(board.url, a01, huge)).toMatchObject({ code: "INVALID_PAYLOAD" });
    const call = { name: "items", arguments: { ...huge } };
    const asked = await postJson(`${board.url}/mcp`, a01, {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: call,
    });
    expect(asked.status).toBe(400);
    expect(await asked.text()).toContain("INVALID_PAYLOAD");
    expect(await traceOfBoard()).toEqual(before);
  });

  it("is 413 at both doors of the verbs", async () => {
    const args = { task: `#${held.number}`, body: "x".repeat(300 * 1024) };
    for (const door of [rest, mcp]) {
      expect(await door(board.url, a01, "note", args)).toMatchObject({ status: 413, code: "MUSTER_BODY_TOO_LARGE" });
    }
  });
});

/** docs/directus-answers.md, row by row: what comes from Directus and not from us. */
describe("Directus itself", () => {
  const errorOf = async (response: Response) => {
    const body = z
      .object({ errors: z.array(z.object({ message: z.string(), extensions: z.looseObject({ code: z.string() }) })) })
      .parse(await response.json());
    return { status: response.status, code: body.errors[0]?.extensions.code, message: body.errors[0]?.message };
  };
  const get = async (path: string, token: string | null) =>
    fetch(`${board.url}${path}`, token === null ? {} : { headers: { Authorization: `Bearer ${token}` } });

  it("answers 403 for an id that does not exist, and never 404", async () => {
    expect(await errorOf(await get(`/items/os_tasks/${randomUUID()}`, a01))).toMatchObject({
      status: 403,
      code: "FORBIDDEN",
    });
  });

  it("answers 403 for a collection without a grant and for one that does not exist", async () => {
    for (const path of ["/users", "/items/no_such_collection"]) {
      expect(await errorOf(await get(path, a01))).toMatchObject({ status: 403, code: "FORBIDDEN" });
    }
  });

  it("answers 403 without a token and 401 to a wrong one", async () => {
    expect(await errorOf(await get("/items/os_tasks", null))).toMatchObject({ status: 403, code: "FORBIDDEN" });
    expect(await errorOf(await get("/items/os_tasks", "no-such-token"))).toMatchObject({
      status: 401,
      code: "INVALID_CREDENTIALS",
    });
  });

  it("answers 400 to a token in the header and in the query", async () => {
    const refusal = await errorOf(await get(`/items/os_tasks?access_token=${a01}`, a01));
    expect(refusal).toMatchObject({ status: 400, message: expect.stringContaining("more than one method") });
  });

  it("answers 403 to an agent's misspelt field", async () => {
    const refusal = await errorOf(await get("/items/os_tasks?fields=titel", a01));
    expect(refusal).toMatchObject({ status: 403, code: "FORBIDDEN" });
  });

  it("answers 200 to a refused GraphQL mutation, and 400 to a query that it cannot validate", async () => {
    const mutation = `mutation { update_os_tasks_item(id: "${held.id}", data: { fence: 7, description: "x" }) { id } }`;
    const refused = await postJson(`${board.url}/graphql`, a01, { query: mutation });
    expect(await errorOf(refused)).toMatchObject({ status: 200, code: "MUSTER_FENCED" });
    const unknown = await postJson(`${board.url}/graphql`, a01, { query: "{ os_tasks { titel } }" });
    expect(await errorOf(unknown)).toMatchObject({ status: 400, code: "GRAPHQL_VALIDATION" });
  });

  it("changes every row that a keyless MCP update finds, unless the law refuses one", async () => {
    const before = await traceOfBoard();
    const answer = await overMcp(board.url, b01, {
      action: "update",
      collection: "os_tasks",
      data: { claim_session: "all" },
    });
    // Which row is met first is Postgres's affair: one that another holds, that waits, or that b01 may not do.
    expect(answer?.code).toMatch(/^MUSTER_(CLAIM_CONFLICT|DEPENDENCY_OPEN|CAPABILITY_MISSING)$/);
    expect(await traceOfBoard()).toEqual(before);
  });

  it("answers pong to anybody, and health to nobody without a token", async () => {
    expect(await (await get("/server/ping", null)).text()).toBe("pong");
    expect((await get("/server/health", null)).status).toBeGreaterThanOrEqual(400);
  });
});
