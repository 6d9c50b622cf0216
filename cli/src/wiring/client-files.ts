import { tokenNames } from "./token-names.ts";

/** Names of the servers in a client's config; agents see their tools under them. */
const NATIVE_SERVER = "muster";
const VERB_SERVER = "board";
/**
 * Directus's native tools by search instead of as a list: a list costs an agent 37.8 KB of context, about 9,400 tokens, in every
 * session; the registry costs 2.8 KB, and 13.6 KB even when the items tool is then looked up (measured by the test beside this).
 */
const NATIVE_PATH = "/mcp?tool_mode=registry";
const VERB_PATH = "/muster/mcp";
/** A tool may wait 45 s for a task; a client that gives up sooner would lose the answer. */
const TOOL_TIMEOUT_MS = "60000";

/** A file of a wired folder: path relative to it, and its whole text. */
export interface ClientFile {
  readonly path: string;
  readonly text: string;
}

/**
 * What Claude Code reads in a project folder: the board's verbs and Directus's native tools as two servers, with the token as a reference
 * to the environment, the approval of both (without it Claude Code says "Pending approval"), and the constitution.
 */
export function clientFiles(input: {
  agent: string;
  directusUrl: string;
  constitution: string;
}): readonly ClientFile[] {
  const { variable } = tokenNames(input.agent);
  const server = (path: string) => ({
    type: "http",
    url: `${input.directusUrl}${path}`,
    headers: { Authorization: `Bearer \${${variable}}` },
  });
  const servers = { mcpServers: { [VERB_SERVER]: server(VERB_PATH), [NATIVE_SERVER]: server(NATIVE_PATH) } };
  const settings = {
    enabledMcpjsonServers: [VERB_SERVER, NATIVE_SERVER],
    env: { MCP_TOOL_TIMEOUT: TOOL_TIMEOUT_MS },
  };
  return [
    { path: ".mcp.json", text: toJson(servers) },
    { path: ".claude/settings.json", text: toJson(settings) },
    { path: "CLAUDE.md", text: input.constitution },
  ];
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
