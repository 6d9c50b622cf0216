import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type AgentBoard, bringUpAgentBoard } from "../../../test/support/agent-board.ts";
import { postJson } from "../../../test/support/verb-doors.ts";

let board: AgentBoard;
let token: string;

beforeAll(async () => {
  board = await bringUpAgentBoard("native-mode");
  token = await board.addAgent("a01", "x");
});

afterAll(async () => {
  await board?.stop();
});

async function bytesOf(path: string, method: string, params: object): Promise<number> {
  const response = await postJson(`${board.url}${path}`, token, { jsonrpc: "2.0", id: 1, method, params });
  const { result } = z.object({ result: z.unknown() }).parse(await response.json());
  return Buffer.byteLength(JSON.stringify(result));
}

it("the registry costs an agent's context less than the list, even when the items tool is looked up", async () => {
  const list = await bytesOf("/mcp", "tools/list", {});
  const registry = await bytesOf("/mcp?tool_mode=registry", "tools/list", {});
  const lookedUp = await bytesOf("/mcp?tool_mode=registry", "tools/call", {
    name: "search",
    arguments: { names: ["items"] },
  });
  expect(registry + lookedUp).toBeLessThan(list / 2);
  expect(await bytesOf("/muster/mcp", "tools/list", {})).toBeLessThan(list / 6);
});
