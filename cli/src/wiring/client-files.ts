import { SEARCH_KEY_VARIABLE, tokenNames } from "./token-names.ts";

/** Names of the servers in a client's config; agents see their tools under them. */
const NATIVE_SERVER = "muster";
const VERB_SERVER = "board";
const MEMORY_SERVER = "memory";
/**
 * Directus's native tools by search instead of as a list: a list costs an agent 37.8 KB of context, about 9,400 tokens, in every
 * session; the registry costs 2.8 KB, and 13.6 KB even when the items tool is then looked up (measured by the test beside this).
 */
const NATIVE_PATH = "/mcp?tool_mode=registry";
const VERB_PATH = "/muster/mcp";
const MEMORY_PATH = "/mcp";
/** A tool may wait 45 s for a task; a client that gives up sooner would lose the answer. */
const TOOL_TIMEOUT_MS = "60000";

/** A file of a wired folder: path relative to it, and its whole text. */
export interface ClientFile {
  readonly path: string;
  readonly text: string;
}

/**
 * What Claude Code reads in a project folder: the board's verbs, Directus's native tools and the tools of search as three servers, with token
 * and key as references to the environment, the approval of each (without it Claude Code says "Pending approval"), and the constitution.
 */
export function clientFiles(input: {
  agent: string;
  directusUrl: string;
  ragUrl: string;
  constitution: string;
}): readonly ClientFile[] {
  const { variable } = tokenNames(input.agent);
  const server = (url: string, name: string) => ({
    type: "http",
    url,
    headers: { Authorization: `Bearer \${${name}}` },
  });
  const mcpServers = {
    [VERB_SERVER]: server(`${input.directusUrl}${VERB_PATH}`, variable),
    [NATIVE_SERVER]: server(`${input.directusUrl}${NATIVE_PATH}`, variable),
    [MEMORY_SERVER]: server(`${input.ragUrl}${MEMORY_PATH}`, SEARCH_KEY_VARIABLE),
  };
  const settings = {
    enabledMcpjsonServers: Object.keys(mcpServers),
    env: { MCP_TOOL_TIMEOUT: TOOL_TIMEOUT_MS },
  };
  return [
    { path: ".mcp.json", text: toJson({ mcpServers }) },
    { path: ".claude/settings.json", text: toJson(settings) },
    { path: "CLAUDE.md", text: input.constitution },
  ];
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
