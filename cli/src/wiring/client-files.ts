import { tokenNames } from "./token-names.ts";

/** Name of the server in a client's config; agents see their tools under it. */
export const MCP_SERVER = "muster";

/** A file of a wired folder: path relative to it, and its whole text. */
export interface ClientFile {
  readonly path: string;
  readonly text: string;
}

/**
 * What Claude Code reads in a project folder: the server with its token as a reference to the environment, the
 * approval of that server (without it Claude Code says "Pending approval"), and the constitution.
 */
export function clientFiles(input: {
  agent: string;
  directusUrl: string;
  constitution: string;
}): readonly ClientFile[] {
  const { variable } = tokenNames(input.agent);
  const servers = {
    mcpServers: {
      [MCP_SERVER]: {
        type: "http",
        url: `${input.directusUrl}/mcp`,
        headers: { Authorization: `Bearer \${${variable}}` },
      },
    },
  };
  return [
    { path: ".mcp.json", text: toJson(servers) },
    { path: ".claude/settings.json", text: toJson({ enabledMcpjsonServers: [MCP_SERVER] }) },
    { path: "CLAUDE.md", text: input.constitution },
  ];
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
