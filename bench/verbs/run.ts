/**
 * `npm run bench:verbs -- [--quick] [--json]`: the verb `next` over `/muster/mcp` beside a claim by native MCP and two no-ops in the same process,
 * 16 agents, on a board of its own. Writes bench/results/verbs-<date>-<quick or long>.json and .md. Exit 0 also when floors are missed.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { type AgentBoard, bringUpAgentBoard } from "../../test/support/agent-board.ts";
import { postJson } from "../../test/support/verb-doors.ts";
import { type Agent, drive, LANES, type Measured } from "./lanes.ts";
import { measureWake, type Wake } from "./wake.ts";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" }, json: { type: "boolean" } } });
const isQuick = flags.quick === true;
const AGENTS = 16;
/** Calls of one agent in one round; the rounds of the lanes take turns, so that a busy moment hits all. */
const SIZE = isQuick ? { rounds: 3, calls: 15, warm: 3, wakes: 20 } : { rounds: 5, calls: 40, warm: 10, wakes: 100 };
/** An agent that asks twice a second: 32 calls a second together, a quarter of what one Directus can do here. */
const PACE_MS = 500;
/** The most that the board allows; more calls in a row would end in MUSTER_WIP_LIMIT. */
const MAX_WIP = 100;
const ROOT = join(import.meta.dirname, "..", "..");

async function furnish(board: AgentBoard): Promise<readonly Agent[]> {
  const agents: Agent[] = [];
  const perAgent = 2 * SIZE.rounds * SIZE.calls + SIZE.warm;
  for (let index = 0; index < AGENTS; index += 1) {
    const name = `v${String(index).padStart(2, "0")}`;
    agents.push({ name, token: await board.addAgent(name, "x", { maxWip: MAX_WIP }), own: [] });
  }
  // The native door's tasks wait in another order of the queue than the verbs' own: each agent has its own, so that nobody loses a race.
  for (const agent of agents) agent.own.push(...(await addTasks(board, perAgent, "P3")));
  await addTasks(board, perAgent * AGENTS, "P0");
  return agents;
}

/** By the steward, a hundred at a time; answers their ids. */
async function addTasks(
  board: AgentBoard,
  count: number,
  priority: string,
  project = board.project,
): Promise<readonly string[]> {
  const { id: steward } = z.looseObject({ id: z.string() }).parse(await board.admin.request("GET", "/users/me"));
  const made: string[] = [];
  while (made.length < count) {
    const acceptance = [{ id: "a1", text: "It holds." }];
    const task = { project, title: "Measured", status: "ready", priority, acceptance };
    const tasks = Array.from({ length: Math.min(100, count - made.length) }, () => task);
    const { rows } = await board.board.db.query(readFileSync(ADD_TASKS, "utf8"), [steward, JSON.stringify(tasks)]);
    const [{ answer }] = added.parse(rows);
    made.push(...answer.tasks.map((one) => one.id));
  }
  return made;
}

const ADD_TASKS = join(import.meta.dirname, "add-tasks.sql");
/** Not part of what is measured: agents that claim and claim would meet their limit. */
const END_LEASES = join(import.meta.dirname, "end-leases.sql");
const added = z.tuple([z.object({ answer: z.object({ tasks: z.array(z.looseObject({ id: z.string() })) }) })]);

async function measure(board: AgentBoard, agents: readonly Agent[], everyMs: number): Promise<readonly Measured[]> {
  const rounds: Measured[] = [];
  for (let round = 0; round < SIZE.rounds; round += 1)
    for (const lane of LANES) {
      rounds.push(await drive(board.url, lane, agents, { calls: SIZE.calls, everyMs }));
      await board.board.db.query(readFileSync(END_LEASES, "utf8"));
    }
  return LANES.map(({ name }) => {
    const own = rounds.filter(({ lane }) => lane === name);
    const middle = (key: "callsPerSecond" | "p50" | "p95" | "p99") =>
      own.map((one) => one[key]).sort((a, b) => a - b)[Math.floor((own.length - 1) / 2)] ?? Number.NaN;
    const sum = (key: "calls" | "busy") => own.reduce((total, one) => total + one[key], 0);
    return {
      lane: name,
      calls: sum("calls"),
      busy: sum("busy"),
      callsPerSecond: middle("callsPerSecond"),
      p50: middle("p50"),
      p95: middle("p95"),
      p99: middle("p99"),
    };
  });
}

/** Bytes of what a client reads of each server before its first call. */
async function toolLists(board: AgentBoard, token: string) {
  const list = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
  const bytes = async (path: string) => {
    const response = await postJson(`${board.url}${path}`, token, list, {
      Accept: "application/json, text/event-stream",
    });
    const { result } = z.object({ result: z.object({ tools: z.array(z.unknown()) }) }).parse(await response.json());
    return Buffer.byteLength(JSON.stringify(result.tools));
  };
  return {
    "/muster/mcp": await bytes("/muster/mcp"),
    "/mcp": await bytes("/mcp"),
    "/mcp?tool_mode=registry": await bytes("/mcp?tool_mode=registry"),
  };
}

function judge(lanes: readonly Measured[]) {
  const of = (name: string, key: "p50" | "p95") => lanes.find(({ lane }) => lane === name)?.[key] ?? Number.NaN;
  const ratio = Math.round((of("verb next", "p95") / of("native items.update", "p95")) * 1000) / 1000;
  const over = (noop: string, key: "p50" | "p95") => Math.round((of("verb next", key) - of(noop, key)) * 10) / 10;
  const difference = (noop: string) => {
    const value = over(noop, "p95");
    const metric = `p95 of next - p95 of ${noop}, ms (p50: ${over(noop, "p50")})`;
    return { metric, value, floor: "≤ 4", aim: 2, met: value <= 4 };
  };
  return [
    { metric: "p95 of next / p95 of native items.update", value: ratio, floor: "≤ 0.5", aim: 0.35, met: ratio <= 0.5 },
    difference("no-op"),
    difference("bare 202"),
  ] as const;
}

const loadBefore = loadavg()[0] ?? 0;
const board = await bringUpAgentBoard("benchverbs", ["fsync=on"]);
try {
  const agents = await furnish(board);
  for (const lane of LANES) await drive(board.url, lane, agents, { calls: SIZE.warm, everyMs: 0 });
  const saturated = await measure(board, agents, 0);
  const paced = await measure(board, agents, PACE_MS);
  const wake = await measureWake(board, agents[0]?.token ?? "", SIZE.wakes, (project) =>
    addTasks(board, 1, "P0", project),
  );
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
  const at = new Date().toISOString();
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}`;
  const load = { before: loadBefore, after: loadavg()[0] ?? 0 };
  const [saturatedVerdicts, pacedVerdicts] = [judge(saturated), judge(paced)];
  const result = {
    at,
    commit,
    quick: isQuick,
    machine,
    load,
    agents: AGENTS,
    // Read by bench/claims: both loads, for the goal names none.
    rows: {
      nextOverNative: saturatedVerdicts[0].value,
      nextOverNativePaced: pacedVerdicts[0].value,
      nextOverNoopMs: saturatedVerdicts[1].value,
      nextOverNoopPacedMs: pacedVerdicts[1].value,
      nextOverBareMs: saturatedVerdicts[2].value,
      nextOverBarePacedMs: pacedVerdicts[2].value,
    },
    saturated: { lanes: saturated, verdicts: saturatedVerdicts },
    paced: { everyMs: PACE_MS, lanes: paced, verdicts: pacedVerdicts },
    wake,
    toolListBytes: await toolLists(board, agents[0]?.token ?? ""),
  };
  const file = join(ROOT, "bench", "results", `verbs-${at.slice(0, 10)}-${isQuick ? "quick" : "long"}`);
  writeFileSync(`${file}.json`, `${JSON.stringify(result, null, 2)}\n`);
  writeFileSync(`${file}.md`, page(result));
  process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : page(result));
} finally {
  await board.stop();
}

function page(result: {
  readonly at: string;
  readonly commit: string;
  readonly quick: boolean;
  readonly machine: string;
  readonly load: { readonly before: number; readonly after: number };
  readonly saturated: { readonly lanes: readonly Measured[]; readonly verdicts: ReturnType<typeof judge> };
  readonly paced: { readonly lanes: readonly Measured[]; readonly verdicts: ReturnType<typeof judge> };
  readonly wake: Wake;
  readonly toolListBytes: Readonly<Record<string, number>>;
}): string {
  const table = ({ lanes, verdicts }: { lanes: readonly Measured[]; verdicts: ReturnType<typeof judge> }) => [
    "| lane | calls | calls/s | p50 ms | p95 ms | p99 ms | 503 |",
    "|---|---|---|---|---|---|---|",
    ...lanes.map(
      ({ lane, calls, callsPerSecond, p50, p95, p99, busy }) =>
        `| ${lane} | ${calls} | ${callsPerSecond} | ${p50} | ${p95} | ${p99} | ${busy} |`,
    ),
    "",
    "| metric | value | floor | aim | verdict |",
    "|---|---|---|---|---|",
    ...verdicts.map(
      ({ metric, value, floor, aim, met }) =>
        `| ${metric} | ${value} | ${floor} | ${aim} | ${met ? "met" : "missed"} |`,
    ),
  ];
  return [
    `# Verbs, ${result.at.slice(0, 10)}${result.quick ? " (quick)" : ""}`,
    "",
    `Commit ${result.commit}; ${result.machine}. Load ${result.load.before.toFixed(1)} before, ${result.load.after.toFixed(1)} after. ${AGENTS} agents, each with its own token; medians of ${SIZE.rounds} rounds, the lanes taking turns; client, Directus and Postgres (fsync on) on the same machine.`,
    "",
    "The no-op is MCP's `ping` to `/muster/mcp`: Directus's authentication, our door and the same MCP server, answered as JSON, without a tool and without SQL of ours. The bare",
    "202 is a notification to the same path: authentication and the door alone, no body comes back. `next`",
    "claims the best ready task. The native lane claims a task of the agent's own by `items` update.",
    "",
    "## Without a pause",
    "",
    "Every agent sends its next call as soon as it has an answer, so that p95 is queueing: 16 divided by the calls per second.",
    "",
    ...table(result.saturated),
    "",
    `## One call every ${PACE_MS} ms per agent`,
    "",
    ...table(result.paced),
    "",
    "## A waiting agent",
    "",
    `From the commit that made a task ready until \`next\` with \`wait\` had answered with its claim, nothing else going on: p50 ${result.wake.p50} ms, p95 ${result.wake.p95} ms, ${result.wake.rounds} times.`,
    "",
    "## What a client reads before its first call",
    "",
    "| tool list | bytes |",
    "|---|---|",
    ...Object.entries(result.toolListBytes).map(([path, bytes]) => `| \`${path}\` | ${bytes} |`),
    "",
  ].join("\n");
}
