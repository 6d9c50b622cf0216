import { once } from "node:events";
import { connect } from "node:net";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AgentBoard, bringUpAgentBoard } from "../../../../test/support/agent-board.ts";
import { postJson } from "../../../../test/support/verb-doors.ts";

let board: AgentBoard;
let token: string;
let url: string;

beforeAll(async () => {
  board = await bringUpAgentBoard("conduct");
  token = await board.addAgent("a01", "x");
  url = `${board.url}/muster/mcp`;
});

afterAll(async () => {
  await board?.stop();
});

const rpc = (method: string, params: object = {}) => ({ jsonrpc: "2.0", id: 7, method, params });

describe("/muster/mcp as MCP", () => {
  it("serves the official client: initialize, tools, a call, a refusal", async () => {
    const client = new Client({ name: "test", version: "1" });
    const requestInit = { headers: { Authorization: `Bearer ${token}` } };
    const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit });
    await client.connect(transport as Parameters<typeof client.connect>[0]);
    expect(client.getServerVersion()).toMatchObject({ name: "muster" });
    expect((await client.listTools()).tools).toHaveLength(10);
    const found = await client.callTool({ name: "find", arguments: {} });
    expect(found.structuredContent).toEqual({ tasks: [], more: false });
    const refused = await client.callTool({ name: "show", arguments: { task: "#999" } });
    expect(refused).toMatchObject({ isError: true, structuredContent: { code: "MUSTER_NOT_FOUND", status: 404 } });
    await client.close();
  });

  it.each(["notifications/initialized", "notifications/cancelled", "notifications/never-heard-of"])(
    "answers 202 and nothing else to %s",
    async (method) => {
      const response = await postJson(url, token, { jsonrpc: "2.0", method, params: { requestId: 1 } });
      expect(response.status).toBe(202);
      expect(await response.text()).toBe("");
    },
  );

  it("answers 202 to a response", async () => {
    expect((await postJson(url, token, { jsonrpc: "2.0", id: 1, result: {} })).status).toBe(202);
  });

  it.each(["GET", "DELETE", "PUT", "PATCH"])("answers 405 to %s and says what is allowed", async (method) => {
    const headers = { Authorization: `Bearer ${token}`, Accept: "text/event-stream" };
    const response = await fetch(url, { method, headers });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  it("refuses a batch with -32600", async () => {
    const response = await postJson(url, token, [rpc("ping"), rpc("ping")]);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32600 } });
  });

  it.each([
    ["no JSON", "{", -32700],
    ["a number", "1", -32600],
    ["no message", "{}", -32600],
    ["another version of JSON-RPC", '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
  ])("refuses %s", async (_what, body, code) => {
    const response = await postJson(url, token, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it("refuses a protocol version that it does not speak, and takes every one that it does", async () => {
    const refused = await postJson(url, token, rpc("ping"), { "MCP-Protocol-Version": "1999-01-01" });
    expect(refused.status).toBe(400);
    for (const version of ["2025-03-26", "2025-06-18"]) {
      const taken = await postJson(url, token, rpc("ping"), { "MCP-Protocol-Version": version });
      expect(await taken.json()).toEqual({ jsonrpc: "2.0", id: 7, result: {} });
    }
  });

  it("names an unknown method and an unknown tool as JSON-RPC does", async () => {
    expect(await (await postJson(url, token, rpc("no/such"))).json()).toMatchObject({ id: 7, error: { code: -32601 } });
    const unknown = await postJson(url, token, rpc("tools/call", { name: "drop_table", arguments: {} }));
    expect(await unknown.json()).toMatchObject({
      id: 7,
      error: { code: -32602, message: expect.stringContaining("join") },
    });
  });

  it("keeps the answers of two clients with the same ids apart", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const response = await postJson(
          url,
          token,
          rpc("tools/call", { name: "show", arguments: { task: `${900 + at}`, x: at } }),
        );
        return { at, text: await response.text() };
      }),
    );
    for (const { text } of answers) expect(text).toContain("MUSTER_VALUE_INVALID");
  });
});

describe("the door of /muster", () => {
  it.each(["/muster/mcp", "/muster/find"])("answers 401 on %s when there is no user", async (path) => {
    const response = await postJson(`${board.url}${path}`, null, rpc("tools/list"));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "MUSTER_NO_ACTOR" } }] });
  });

  it.each(["/muster/mcp", "/muster/find"])(
    "refuses a page of another origin on %s, and takes its own",
    async (path) => {
      for (const origin of ["https://evil.example", "null", `${board.url}.evil.example`]) {
        const response = await postJson(`${board.url}${path}`, token, rpc("ping"), { Origin: origin });
        expect(response.status).toBe(403);
        expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "MUSTER_ORIGIN_REFUSED" } }] });
      }
      const own = await postJson(`${board.url}${path}`, token, path === "/muster/mcp" ? rpc("ping") : {}, {
        Origin: board.url,
      });
      expect(own.status).toBe(200);
    },
  );

  it.each(["/muster/mcp", "/muster/note"])(
    "answers 413 on %s to a body over 256 KiB, announced or not",
    async (path) => {
      const big = JSON.stringify({ task: "1", body: "x".repeat(300 * 1024) });
      const announced = await postJson(`${board.url}${path}`, token, big);
      expect(announced.status).toBe(413);
      expect(await announced.json()).toMatchObject({ errors: [{ extensions: { code: "MUSTER_BODY_TOO_LARGE" } }] });
      expect(await postChunked(`${board.url}${path}`, big)).toContain(" 413 ");
    },
  );

  it("refuses what is not JSON, by type, by encoding and by content", async () => {
    for (const headers of [{ "Content-Type": "text/plain" }, { "Content-Encoding": "gzip" }]) {
      expect((await postJson(`${board.url}/muster/find`, token, "{}", headers)).status).toBe(400);
    }
    const broken = await postJson(`${board.url}/muster/find`, token, "{");
    expect(await broken.json()).toMatchObject({ errors: [{ extensions: { code: "MUSTER_BODY_INVALID" } }] });
  });

  it("names what is not a verb, and what is one by another method", async () => {
    const unknown = await postJson(`${board.url}/muster/drop`, token, {});
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ errors: [{ extensions: { code: "MUSTER_VERB_UNKNOWN" } }] });
    expect((await fetch(`${board.url}/muster/find`, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(
      404,
    );
  });

  it("leaves the rest of Directus as it is", async () => {
    const response = await postJson(
      `${board.url}/items/os_notes`,
      "wrong",
      {},
      { Origin: "https://elsewhere.example" },
    );
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "INVALID_CREDENTIALS" } }] });
  });
});

/** A body that does not say how long it is. Answers the status line. */
async function postChunked(target: string, body: string): Promise<string> {
  const { hostname, port, pathname } = new URL(target);
  const head = `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json`;
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  socket.write(`${head}\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
  const [first] = await once(socket, "data");
  socket.destroy();
  return String(first).split("\r\n")[0] ?? "";
}
