import { describe, expect, it } from "vitest";
import { clientFiles } from "./client-files.ts";
import { tokenNames } from "./token-names.ts";

const files = clientFiles({
  agent: "reviewer-1",
  directusUrl: "http://127.0.0.1:8055",
  ragUrl: "http://127.0.0.1:9100",
  constitution: "# Rules\n",
});
const textOf = (path: string) => files.find((file) => file.path === path)?.text ?? "";

describe("client files", () => {
  it("name the agent's token and the key of search by their variables, never by value", () => {
    const headers = { Authorization: `Bearer \${ELK_OS_TOKEN_REVIEWER_1}` };
    expect(JSON.parse(textOf(".mcp.json"))).toEqual({
      mcpServers: {
        board: { type: "http", url: "http://127.0.0.1:8055/muster/mcp", headers },
        muster: { type: "http", url: "http://127.0.0.1:8055/mcp?tool_mode=registry", headers },
        memory: {
          type: "http",
          url: "http://127.0.0.1:9100/mcp",
          headers: { Authorization: `Bearer \${ELK_OS_RAG_KEY}` },
        },
      },
    });
  });

  it("approve exactly those servers, so that Claude Code does not wait for a person, and let a tool wait for a task", () => {
    expect(JSON.parse(textOf(".claude/settings.json"))).toEqual({
      enabledMcpjsonServers: ["board", "muster", "memory"],
      env: { MCP_TOOL_TIMEOUT: "60000" },
    });
  });

  it("carry the constitution as it was rendered", () => {
    expect(textOf("CLAUDE.md")).toBe("# Rules\n");
  });
});

describe("token names", () => {
  it("make a variable that a shell accepts and a file beside the other secrets", () => {
    expect(tokenNames("reviewer-1")).toEqual({ variable: "ELK_OS_TOKEN_REVIEWER_1", secret: "agent-reviewer-1" });
  });
});
