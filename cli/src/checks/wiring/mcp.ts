import { diffSettings } from "../../directus/apply-settings.ts";
import { openMcp } from "../../directus/mcp-probe.ts";
import { directusUrl, openAdmin, wantedDirectus } from "../../stack/directus-admin.ts";
import { queryRows } from "../../stack/sql.ts";
import { tokenNames } from "../../wiring/token-names.ts";
import { wiredAgents } from "../../wiring/wired-files.ts";
import { type Check, fail, pass, skip } from "../check.ts";

/** What an agent must be offered to work the raw protocol. */
const NEEDED_TOOLS = ["items", "schema", "system-prompt"];
/** Tools for administrators; an agent that sees one has too many rights. */
const FORBIDDEN_TOOLS = ["collections", "fields", "relations", "flows", "operations"];

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

/** MCP-01. The whole way that an agent goes: list, read a seeded task, and be told clearly about a bad call. */
export const mcpAnswers: Check = {
  id: "MCP-01",
  title: "An agent lists tools over MCP, reads a seeded task, and a bad call is refused with words",
  severity: "error",
  dependsOn: ["WIRE-01", "WIRE-02"],
  timeoutMs: 20_000,
  async probe(stack, signal) {
    const rows = await queryRows<{ name: string; status: string }>(stack.connections, "postgres", "agents.list");
    const agent = wiredAgents(stack).find((name) => rows.find((row) => row.name === name)?.status === "active");
    if (agent === undefined) return skip("no active agent is wired");
    const token = stack.secrets.read(tokenNames(agent).secret).reveal();
    const mcp = openMcp({ url: directusUrl(stack), token, signal });
    const { serverInfo } = await mcp.initialize();
    const tools = await mcp.listTools();
    const missing = NEEDED_TOOLS.filter((tool) => !tools.includes(tool));
    if (missing.length > 0)
      return fail(`tools/list lacks ${missing.join(", ")}`, {
        expected: NEEDED_TOOLS.join(", "),
        actual: tools.join(", "),
      });
    const excess = FORBIDDEN_TOOLS.filter((tool) => tools.includes(tool));
    if (excess.length > 0) return fail(`an agent is offered ${excess.join(", ")}`);
    const [task] = await queryRows<{ number: number; title: string }>(
      stack.connections,
      "muster_portal",
      "task.sample",
    );
    if (task === undefined) return fail("the board has no task to read back");
    const query = { fields: ["number", "title"], filter: { number: { _eq: task.number } }, limit: 1 };
    const read = await mcp.items({ action: "read", collection: "os_tasks", query });
    if (!read.ok) return fail(`reading task #${task.number} was refused: ${read.message}`);
    if (read.rows[0]?.["title"] !== task.title)
      return fail(`task #${task.number} reads back as "${String(read.rows[0]?.["title"])}"`, { expected: task.title });
    const bad = await mcp.items({ action: "read", collection: "no_such_collection", query: {} });
    if (bad.ok || bad.message === "")
      return fail("a call on a collection that does not exist was not refused with a message");
    return pass(
      `${serverInfo.name}: ${tools.length} tools for ${agent}, task #${task.number} read back, a bad call refused`,
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
    const [task] = await queryRows<{ number: number; title: string }>(
      stack.connections,
      "muster_portal",
      "task.sample",
    );
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
      `${serverInfo.name}: ${tools.length} verbs for ${agent}, task #${task.number} read back, a bad call refused`,
    );
  },
  fix: { summary: "elk-os wire; then elk-os logs directus" },
};
