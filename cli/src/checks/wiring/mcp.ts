import { diffSettings } from "../../directus/apply-settings.ts";
import { openMcp } from "../../directus/mcp-probe.ts";
import { findUnread, type SampleTask } from "../../directus/read-back.ts";
import { counted } from "../../output/counted.ts";
import { directusUrl, openAdmin, wantedDirectus } from "../../stack/directus-admin.ts";
import { queryRows } from "../../stack/sql.ts";
import { tokenNames } from "../../wiring/token-names.ts";
import { wiredAgents } from "../../wiring/wired-files.ts";
import { type Check, fail, pass, skip } from "../check.ts";
import { toolFault, toolsHash } from "./offered-tools.ts";

/** WIRE-02. */
export const mcpEnabled: Check = {
  id: "WIRE-02",
  title: "Directus has its native MCP endpoint switched on",
  severity: "error",
  dependsOn: ["ID-02", "SEC-07"],
  timeoutMs: 10_000,
  async probe(stack, signal) {
    const wanted = wantedDirectus(stack).settings.wire;
    const drift = await diffSettings(openAdmin(stack, signal), wanted);
    return drift.length === 0 ? pass(Object.keys(wanted).join(", ")) : fail(`settings differ: ${drift.join(", ")}`);
  },
  fix: { summary: "elk-os wire" },
};

/** MCP-01. The whole way that each agent goes: list, read a seeded task, and be told clearly about a bad call. */
export const mcpAnswers: Check = {
  id: "MCP-01",
  title: "Every active agent lists the same tools over MCP, reads a seeded task, and a bad call is refused with words",
  severity: "error",
  dependsOn: ["WIRE-01", "WIRE-02"],
  timeoutMs: 60_000,
  async probe(stack, signal) {
    const rows = await queryRows<{ name: string; status: string }>(stack.connections, "postgres", "agents.list");
    const active = new Set(rows.filter(({ status }) => status === "active").map(({ name }) => name));
    const agents = wiredAgents(stack).filter((name) => active.has(name));
    const [task] = await queryRows<SampleTask>(stack.connections, "muster_portal", "task.sample");
    if (task === undefined) return fail("the board has no task to read back");
    let first: { readonly agent: string; readonly hash: string; readonly said: string } | null = null;
    for (const agent of agents) {
      const token = stack.secrets.read(tokenNames(agent).secret).reveal();
      const mcp = openMcp({ url: directusUrl(stack), token, signal });
      const { serverInfo } = await mcp.initialize();
      const tools = await mcp.readTools();
      const fault = toolFault(tools);
      if (fault !== null) return fail(`${agent}: ${fault}`, { actual: tools.map(({ name }) => name).join(", ") });
      const hash = toolsHash(tools);
      const unread = await findUnread(mcp, task);
      if (unread !== null) return fail(`${agent}: ${unread}`);
      if (first !== null && first.hash !== hash)
        return fail(`${agent} is offered other tools than ${first.agent}`, { expected: first.hash, actual: hash });
      if (first !== null) continue;
      const bad = await mcp.items({ action: "read", collection: "no_such_collection", query: {} });
      if (bad.ok || bad.message === "")
        return fail(`${agent}: a call on a collection that does not exist was not refused with a message`);
      first = {
        agent,
        hash,
        said: `${serverInfo.name}: ${counted(tools.length, "tool")} (sha256 ${hash.slice(0, 12)})`,
      };
    }
    return first === null
      ? skip("no active agent is wired")
      : pass(
          `${first.said} for each of ${counted(agents.length, "agent")}, task #${task.number} read back by each, a bad call refused`,
        );
  },
  fix: { summary: "elk-os wire; then elk-os logs directus" },
};

/** The verbs in the order of use; one that is missing is one that an agent cannot do. */
const VERBS = ["join", "next", "show", "find", "note", "release", "submit", "review", "verdict", "add"];

/** MCP-02. The same way through the board's own server. */
export const verbsAnswer: Check = {
  id: "MCP-02",
  title: "An agent lists the ten verbs over /muster/mcp, reads a task, and a bad call is refused with a next step",
  severity: "error",
  dependsOn: ["PG-01", "WIRE-01"],
  timeoutMs: 20_000,
  async probe(stack, signal) {
    const rows = await queryRows<{ name: string; status: string }>(stack.connections, "postgres", "agents.list");
    const agent = wiredAgents(stack).find((name) => rows.find((row) => row.name === name)?.status === "active");
    if (agent === undefined) return skip("no active agent is wired");
    const token = stack.secrets.read(tokenNames(agent).secret).reveal();
    const mcp = openMcp({ url: directusUrl(stack), token, signal }, "/muster/mcp");
    const { serverInfo } = await mcp.initialize();
    const tools = await mcp.listTools();
    if (tools.join() !== VERBS.join())
      return fail("tools/list is not the ten verbs", { expected: VERBS.join(", "), actual: tools.join(", ") });
    const [task] = await queryRows<SampleTask>(stack.connections, "muster_portal", "task.sample");
    if (task === undefined) return fail("the board has no task to read back");
    const shown = await mcp.call("show", { task: `#${task.number}` });
    if (shown.isError || !JSON.stringify(shown.content).includes(JSON.stringify(task.title)))
      return fail(`show #${task.number} does not answer the task`, { expected: task.title });
    const bad = await mcp.call("note", { task: `#${task.number}`, body: "x", no_such_argument: 1 });
    const { code } = bad.content;
    if (!bad.isError || code !== "MUSTER_VALUE_INVALID")
      return fail("a call with an unknown argument was not refused", {
        expected: "MUSTER_VALUE_INVALID",
        actual: String(code),
      });
    return pass(
      `${serverInfo.name}: ${counted(tools.length, "verb")} for ${agent}, task #${task.number} read back, a bad call refused`,
    );
  },
  fix: { summary: "elk-os wire; then elk-os logs directus" },
};
