import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type AgentClient, connectAgent } from "../support/agent-client.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

const AGENTS = 16;
const TASKS = 20;
/** Directus's pressure limiter answers 503 on a loaded machine; a client comes back. */
const BUSY_PAUSE_MS = 200;
const LOST = ["MUSTER_CLAIM_CONFLICT", "MUSTER_WIP_LIMIT"];

interface Racer {
  readonly name: string;
  readonly token: string;
  /** Null for a racer on REST. */
  readonly mcp: AgentClient | null;
}

interface Claim {
  readonly racer: string;
  readonly task: string;
  /** "won", or the board's code. */
  readonly outcome: string;
}

let stack: Stack;
let racers: readonly Racer[];
let tasks: readonly string[];

const created = z.object({ data: z.object({ id: z.string() }) });
const listed = z.object({ data: z.array(z.looseObject({ id: z.string() })) });
const refused = z.object({ errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).min(1) });

function ask(path: string, token: string, method = "GET", body?: unknown): Promise<Response> {
  return fetch(`${stack.urls.directus}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

beforeAll(async () => {
  ({ stack } = await sharedStack());
  const steward = stack.secret("directus_admin_token");
  const made: Racer[] = [];
  for (let index = 0; index < AGENTS; index += 1) {
    const name = `racer-${String(index).padStart(2, "0")}`;
    const ran = await stack.run(["agent", "add", name, "--model-family", index % 2 === 0 ? "claude" : "gpt", "--json"]);
    if (ran.exit !== 0) throw new Error(`${name} was not added: ${ran.stdout}`);
    const token = stack.secret(`agent-${name}`);
    made.push({ name, token, mcp: index % 2 === 0 ? null : await connectAgent(stack.urls.mcp, token) });
  }
  racers = made;
  const { data } = listed.parse(await (await ask("/items/os_projects?limit=1", steward)).json());
  const acceptance = [{ id: "a1", text: "Exactly one agent holds it." }];
  const ids: string[] = [];
  for (let index = 0; index < TASKS; index += 1) {
    const body = { project: data[0]?.id, title: `Race ${index + 1}`, status: "ready", acceptance };
    ids.push(created.parse(await (await ask("/items/os_tasks", steward, "POST", body)).json()).data.id);
  }
  tasks = ids;
});
afterAll(async () => {
  await Promise.all((racers ?? []).map(({ mcp }) => mcp?.close()));
});

async function claimOverRest({ name, token }: Racer, task: string): Promise<string> {
  for (;;) {
    const response = await ask(`/items/os_tasks/${task}`, token, "PATCH", { claim_session: `race-${name}` });
    const text = await response.text();
    if (response.status === 200) return "won";
    if (response.status !== 503) {
      const code = refused.parse(JSON.parse(text)).errors[0]?.extensions.code ?? "";
      if (code === "MUSTER_CLAIM_CONFLICT") expect(response.status).toBe(409);
      expect(response.status, text).toBeLessThan(500);
      return code;
    }
    await delay(BUSY_PAUSE_MS);
  }
}

async function claimOverMcp({ name, mcp }: Racer, task: string): Promise<string> {
  for (;;) {
    try {
      const said = await mcp?.update(task, { claim_session: `race-${name}` });
      if (said === undefined) throw new Error(`${name} is not on MCP.`);
      return said.ok ? "won" : (said.code ?? said.message);
    } catch (error) {
      // The transport's error carries the status of an answer that was not JSON-RPC.
      if (!(error instanceof Error && "code" in error && error.code === 503)) throw error;
    }
    await delay(BUSY_PAUSE_MS);
  }
}

/** Each racer tries every task, beginning at another one than its neighbours, so that early and late tries meet. */
async function race(racer: Racer, start: number): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  for (const [index] of tasks.entries()) {
    const task = tasks[(start + index) % tasks.length] ?? "";
    const outcome = await (racer.mcp === null ? claimOverRest(racer, task) : claimOverMcp(racer, task));
    claims.push({ racer: racer.name, task, outcome });
  }
  return claims;
}

it("gives each of twenty tasks to exactly one of sixteen agents, half of them on REST and half on MCP", async () => {
  const claims = (await Promise.all(racers.map((racer, index) => race(racer, Math.floor(index / 4))))).flat();
  expect(claims).toHaveLength(AGENTS * TASKS);

  const winners = new Map(tasks.map((task) => [task, claims.filter((c) => c.task === task && c.outcome === "won")]));
  expect([...winners.values()].map((won) => won.length)).toEqual(tasks.map(() => 1));
  const losses = claims.filter(({ outcome }) => outcome !== "won").map(({ outcome }) => outcome);
  expect(losses.filter((code) => !LOST.includes(code))).toEqual([]);
  expect(losses.filter((code) => code === "MUSTER_CLAIM_CONFLICT").length).toBeGreaterThan(TASKS);

  const steward = stack.secret("directus_admin_token");
  const filter = encodeURIComponent(JSON.stringify({ id: { _in: tasks } }));
  const path = `/items/os_tasks?filter=${filter}&fields=id,status,claim_epoch,claim_session&limit=-1`;
  const { data } = listed.parse(await (await ask(path, steward)).json());
  for (const row of data) {
    const winner = winners.get(row.id)?.[0]?.racer;
    expect(row).toMatchObject({ status: "in_progress", claim_epoch: 1, claim_session: `race-${winner}` });
  }
  const held = racers.map(({ name }) => claims.filter((c) => c.racer === name && c.outcome === "won").length);
  expect(Math.max(...held)).toBeLessThanOrEqual(2);
});
