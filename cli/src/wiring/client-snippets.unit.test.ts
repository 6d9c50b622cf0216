import { describe, expect, it } from "vitest";
import { CLIENT_IDS, CLIENTS } from "./client-snippets.ts";
import { mcpServers } from "./mcp-servers.ts";

const servers = mcpServers({ agent: "a01", directusUrl: "http://127.0.0.1:8055", ragUrl: "http://127.0.0.1:9100" });
const [board, muster, memory] = [
  "http://127.0.0.1:8055/muster/mcp",
  "http://127.0.0.1:8055/mcp?tool_mode=registry",
  "http://127.0.0.1:9100/mcp",
];

describe("the snippet", () => {
  it("of Codex is a table per server, with the variable's name where Codex wants a name", () => {
    expect(CLIENTS.codex.render(servers)).toBe(`[mcp_servers.board]
url = "${board}"
bearer_token_env_var = "ELK_OS_TOKEN_A01"
tool_timeout_sec = 60

[mcp_servers.muster]
url = "${muster}"
bearer_token_env_var = "ELK_OS_TOKEN_A01"
tool_timeout_sec = 60

[mcp_servers.memory]
url = "${memory}"
bearer_token_env_var = "ELK_OS_RAG_KEY"
tool_timeout_sec = 60
`);
  });

  it("of Cursor refers to the environment with the prefix env", () => {
    const headers = { Authorization: `Bearer \${env:ELK_OS_TOKEN_A01}` };
    expect(JSON.parse(CLIENTS.cursor.render(servers))).toEqual({
      mcpServers: {
        board: { url: board, headers },
        muster: { url: muster, headers },
        memory: { url: memory, headers: { Authorization: `Bearer \${env:ELK_OS_RAG_KEY}` } },
      },
    });
  });

  it("of Gemini CLI names the transport and waits as long as a tool may", () => {
    const entry = { type: "http", headers: { Authorization: `Bearer \${ELK_OS_TOKEN_A01}` }, timeout: 60_000 };
    expect(JSON.parse(CLIENTS.gemini.render(servers))).toEqual({
      mcpServers: {
        board: { ...entry, url: board },
        muster: { ...entry, url: muster },
        memory: { ...entry, url: memory, headers: { Authorization: `Bearer \${ELK_OS_RAG_KEY}` } },
      },
    });
  });

  it("of VS Code has its servers under its own key", () => {
    const entry = { type: "http", headers: { Authorization: `Bearer \${env:ELK_OS_TOKEN_A01}` } };
    expect(JSON.parse(CLIENTS.vscode.render(servers))).toEqual({
      servers: {
        board: { ...entry, url: board },
        muster: { ...entry, url: muster },
        memory: { ...entry, url: memory, headers: { Authorization: `Bearer \${env:ELK_OS_RAG_KEY}` } },
      },
    });
  });

  it.each(CLIENT_IDS)("of %s names every server, and says where it comes from and whether it was tried", (id) => {
    const client = CLIENTS[id];
    const text = client.render(servers);
    for (const { url, variable } of servers) {
      expect(text).toContain(JSON.stringify(url));
      expect(text).toContain(variable);
    }
    expect(client.source).toMatch(/^https:/);
    expect(client.readOn).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(client.tried).not.toBe("");
  });
});
