import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type McpProbe, openMcp } from "./mcp-probe.ts";

const asked = z.object({ id: z.number(), method: z.string() });

/** Answers that are cut in the middle before one is whole. */
let cuts: number;
let heard: string[];
let server: Server;
let mcp: McpProbe;
beforeEach(async () => {
  heard = [];
  server = createServer(async (request, response) => {
    const { id, method } = asked.parse(JSON.parse(Buffer.concat(await request.toArray()).toString("utf8")));
    heard.push(method);
    const result = { tools: [], content: [{ type: "text", text: JSON.stringify({ raw: [] }) }] };
    const text = JSON.stringify({ jsonrpc: "2.0", id, result });
    response.writeHead(200, { "content-type": "application/json", "content-length": text.length });
    if (cuts === 0) response.end(text);
    else response.write(text.slice(0, 10), () => response.destroy());
    cuts = Math.max(0, cuts - 1);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  mcp = openMcp({ url: `http://127.0.0.1:${port}`, token: "none", signal: new AbortController().signal });
});
afterEach(() => server.close());

test("an answer that is cut in the middle is asked for once more where that only reads", async () => {
  cuts = 1;
  expect(await mcp.listTools()).toEqual([]);
  cuts = 1;
  expect(await mcp.items({ action: "read", collection: "os_tasks" })).toEqual({ ok: true, rows: [] });
  expect(heard).toEqual(["tools/list", "tools/list", "tools/call", "tools/call"]);
});

test("what writes is sent once, and what is cut twice is told with what cut it", async () => {
  cuts = 1;
  await expect(mcp.items({ action: "create", collection: "os_tasks" })).rejects.toThrow(/terminated \(.+\)/);
  expect(heard).toHaveLength(1);
  cuts = 2;
  await expect(mcp.listTools()).rejects.toThrow(/did not answer POST: terminated \(.+\)/);
});
