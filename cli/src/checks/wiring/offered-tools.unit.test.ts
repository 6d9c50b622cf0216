import { expect, test } from "vitest";
import type { McpTool } from "../../directus/mcp-probe.ts";
import { toolFault, toolsHash } from "./offered-tools.ts";

const tool = (name: string, ...args: readonly string[]): McpTool => ({
  name,
  inputSchema: { type: "object", properties: Object.fromEntries(args.map((arg) => [arg, {}])) },
});
const items = tool("items", "action", "collection", "query", "keys", "data");
const WHOLE = [items, tool("schema"), tool("system-prompt"), tool("assets")];

test("the tools of an agent pass", () => {
  expect(toolFault(WHOLE)).toBeNull();
});

test.each([
  ["a missing tool", WHOLE.slice(1), "tools/list lacks items"],
  [
    "an argument that is gone",
    [tool("items", "action"), ...WHOLE.slice(1)],
    "tool items takes no collection, query, keys, data",
  ],
  ["an administrator's tool", [...WHOLE, tool("flows")], "an agent is offered flows"],
])("says %s", (_name, tools, fault) => {
  expect(toolFault(tools)).toBe(fault);
});

test("the digest knows every name and schema, and no order", () => {
  const digest = toolsHash(WHOLE);
  expect(toolsHash([...WHOLE].reverse())).toBe(digest);
  expect(toolsHash(WHOLE.slice(1))).not.toBe(digest);
  expect(toolsHash([tool("items", "action"), ...WHOLE.slice(1)])).not.toBe(digest);
});
