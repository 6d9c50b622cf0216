import { type McpPlace, mcpServers, TOOL_TIMEOUT_MS } from "./mcp-servers.ts";

/** A file of a wired folder: path relative to it, and its whole text. */
export interface ClientFile {
  readonly path: string;
  readonly text: string;
}

/**
 * What Claude Code reads in a project folder: the board's verbs, Directus's native tools and the tools of search as three servers, with token
 * and key as references to the environment, the approval of each (without it Claude Code says "Pending approval"), and the constitution.
 */
export function clientFiles(input: McpPlace & { readonly constitution: string }): readonly ClientFile[] {
  const servers = mcpServers(input);
  const entries = servers.map(({ name, url, variable }) => [
    name,
    { type: "http", url, headers: { Authorization: `Bearer \${${variable}}` } },
  ]);
  const settings = {
    enabledMcpjsonServers: servers.map(({ name }) => name),
    env: { MCP_TOOL_TIMEOUT: String(TOOL_TIMEOUT_MS) },
  };
  return [
    { path: ".mcp.json", text: toJson({ mcpServers: Object.fromEntries(entries) }) },
    { path: ".claude/settings.json", text: toJson(settings) },
    { path: "CLAUDE.md", text: input.constitution },
  ];
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
