import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** One agent of the run. */
export interface Agent {
  readonly name: string;
  readonly token: string;
  /** Ready tasks that this agent alone claims by the native door, one per call. */
  readonly own: string[];
}

/** One thing that is measured: what one agent sends, and how its answer is known to be right. */
export interface Lane {
  readonly name: string;
  readonly path: string;
  body(agent: Agent): unknown;
  /** @throws when the answer is not what the lane claims to measure */
  check(status: number, text: string): void;
}

export interface Measured {
  readonly lane: string;
  readonly calls: number;
  readonly busy: number;
  readonly callsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

const claimed = z.object({ result: z.object({ structuredContent: z.object({ claimed: z.literal(true) }) }) });
const ponged = z.object({ result: z.strictObject({}) });
const updated = z.object({ result: z.object({ isError: z.literal(false).optional() }) });

let id = 0;
const tool = (name: string, args: object) => ({
  jsonrpc: "2.0",
  id: ++id,
  method: "tools/call",
  params: { name, arguments: args },
});

/** The same process, authentication, door and MCP server, answered like any request, and nothing done: `ping`. */
const noop: Lane = {
  name: "no-op",
  path: "/muster/mcp",
  body: () => ({ jsonrpc: "2.0", id: ++id, method: "ping" }),
  check: (_status, text) => void ponged.parse(JSON.parse(text)),
};

/** What it costs to be asked at all: authentication and the door, answered 202 before any server of ours is made. */
const bare: Lane = {
  name: "bare 202",
  path: "/muster/mcp",
  body: () => ({ jsonrpc: "2.0", method: "notifications/initialized" }),
  check: (status) => {
    if (status !== 202) throw new Error(`A notification was answered with ${status}.`);
  },
};

const next: Lane = {
  name: "verb next",
  path: "/muster/mcp",
  body: ({ name }) => tool("next", { session: `bench-${name}` }),
  check: (_status, text) => void claimed.parse(JSON.parse(text)),
};

/** A claim by the raw protocol. */
const native: Lane = {
  name: "native items.update",
  path: "/mcp",
  body: ({ name, own }) =>
    tool("items", {
      action: "update",
      collection: "os_tasks",
      keys: [own.pop()],
      data: { claim_session: `native-${name}` },
    }),
  check: (_status, text) => void updated.parse(JSON.parse(text)),
};

export const LANES: readonly Lane[] = [bare, noop, next, native];

/** `calls` by each agent, side by side; `everyMs` 0: one after the other without a pause, else at that pace. */
export async function drive(
  url: string,
  lane: Lane,
  agents: readonly Agent[],
  { calls, everyMs }: { readonly calls: number; readonly everyMs: number },
): Promise<Measured> {
  const took: number[] = [];
  let busy = 0;
  const startedAt = performance.now();
  await Promise.all(
    agents.map(async (agent, index) => {
      // Spread over one pace, so that sixteen agents are no volley.
      await sleep((everyMs * index) / agents.length);
      for (let call = 0; call < calls; call += 1) {
        const body = JSON.stringify(lane.body(agent));
        const sentAt = performance.now();
        busy += await send(url, lane, agent, body);
        const ms = performance.now() - sentAt;
        took.push(ms);
        if (everyMs > ms) await sleep(everyMs - ms);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  took.sort((a, b) => a - b);
  const at = (share: number) => round(took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN);
  const callsPerSecond = round(took.length / seconds);
  return { lane: lane.name, calls: took.length, busy, callsPerSecond, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Answers how often Directus's pressure limiter was met; the time of those tries counts. */
async function send(url: string, lane: Lane, { token }: Agent, body: string): Promise<number> {
  const headers = {
    Authorization: `Bearer ${token}`,
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
  };
  for (let busy = 0; ; busy += 1) {
    const response = await fetch(`${url}${lane.path}`, { method: "POST", headers, body });
    const text = await response.text();
    if (response.status === 503) {
      await sleep(50);
      continue;
    }
    lane.check(response.status, text);
    return busy;
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;
