/**
 * MCP clients beside Claude Code, as data. Their files belong to their users and hold more than servers, so elk-os prints what belongs there
 * and writes nothing. Another client is one entry here and one case in the test beside this; docs/clients.md follows.
 */
import { type McpServer, TOOL_TIMEOUT_MS } from "./mcp-servers.ts";

export interface McpClient {
  readonly title: string;
  /** File for one project, relative to it. */
  readonly projectFile: string;
  /** File for every project of a user. */
  readonly userFile: string;
  readonly language: "json" | "toml";
  /** Where the format is documented by its maker, and when that was read. */
  readonly source: string;
  readonly readOn: string;
  /** What was tried with the real client, or that nothing was. */
  readonly tried: string;
  readonly notes: readonly string[];
  /** The whole snippet; tokens only by the name of their variable. */
  render(servers: readonly McpServer[]): string;
}

export const CLIENT_IDS = ["codex", "cursor", "gemini", "vscode"] as const;
export type ClientId = (typeof CLIENT_IDS)[number];

const VSCODE_INPUTS =
  '"inputs": [{"type": "promptString", "id": "muster-token", "description": "Token of the agent", "password": true}]';

export const CLIENTS: Readonly<Record<ClientId, McpClient>> = {
  codex: {
    title: "Codex",
    projectFile: ".codex/config.toml",
    userFile: "~/.codex/config.toml",
    language: "toml",
    source: "https://github.com/openai/codex/blob/main/codex-rs/config/src/mcp_types.rs",
    readOn: "2026-11-29",
    tried:
      "Tried with Codex 0.171.0 on stand-in servers, without a network: it sent each server its token and listed its tools. Not tried on a running instance or with a model.",
    notes: [
      "A project's file counts only in a project that Codex trusts.",
      "Codex takes the name of the variable and refuses a token in the file.",
    ],
    render: (servers) =>
      servers
        .map(({ name, url, variable }) =>
          [
            `[mcp_servers.${name}]`,
            `url = ${JSON.stringify(url)}`,
            `bearer_token_env_var = ${JSON.stringify(variable)}`,
            `tool_timeout_sec = ${TOOL_TIMEOUT_MS / 1000}`,
            "",
          ].join("\n"),
        )
        .join("\n"),
  },
  cursor: {
    title: "Cursor",
    projectFile: ".cursor/mcp.json",
    userFile: "~/.cursor/mcp.json",
    language: "json",
    source: "https://cursor.com/docs/mcp",
    readOn: "2026-11-29",
    tried: "Not tried with the real client.",
    notes: ["Cursor must be started from a shell that exports the variables; a desktop icon does not see them."],
    render: (servers) =>
      toJson("mcpServers", servers, ({ url, variable }) => ({ url, headers: bearer(`\${env:${variable}}`) })),
  },
  gemini: {
    title: "Gemini CLI",
    projectFile: ".gemini/settings.json",
    userFile: "~/.gemini/settings.json",
    language: "json",
    source: "https://geminicli.com/docs/tools/mcp-server/",
    readOn: "2026-11-29",
    tried:
      "Tried with Gemini CLI 0.61.0 on stand-in servers, without a network: `gemini mcp list` sent each server its token and said Connected. Not tried on a running instance or with a model.",
    notes: [
      'Older releases take `"httpUrl"` in the place of `"url"` with `"type": "http"`, and newer ones call it deprecated.',
      "In a folder that it does not trust, Gemini CLI switches every server off, those of the user's file too.",
    ],
    render: (servers) =>
      toJson("mcpServers", servers, ({ url, variable }) => ({
        type: "http",
        url,
        headers: bearer(`\${${variable}}`),
        timeout: TOOL_TIMEOUT_MS,
      })),
  },
  vscode: {
    title: "VS Code",
    projectFile: ".vscode/mcp.json",
    userFile: "mcp.json of the user profile",
    language: "json",
    source: "https://code.visualstudio.com/docs/copilot/reference/mcp-configuration",
    readOn: "2026-11-29",
    tried: "Not tried with the real client.",
    notes: [
      "VS Code must be started from a shell that exports the variables.",
      "The command `MCP: Open User Configuration` opens the user's file.",
      "Its makers say that references to the environment are resolved in this file; a report says that a release does not do so in headers (microsoft/vscode, issue 336232).",
      `Where the server answers 401: \`\${input:muster-token}\` in the reference's place, and beside \`servers\` \`${VSCODE_INPUTS}\`. VS Code then asks once and keeps the token itself.`,
    ],
    render: (servers) =>
      toJson("servers", servers, ({ url, variable }) => ({
        type: "http",
        url,
        headers: bearer(`\${env:${variable}}`),
      })),
  },
};

export function isClientId(text: string): text is ClientId {
  return CLIENT_IDS.some((id) => id === text);
}

function bearer(reference: string): { readonly Authorization: string } {
  return { Authorization: `Bearer ${reference}` };
}

function toJson(key: string, servers: readonly McpServer[], entry: (server: McpServer) => unknown): string {
  const entries = Object.fromEntries(servers.map((server) => [server.name, entry(server)]));
  return `${JSON.stringify({ [key]: entries }, null, 2)}\n`;
}
