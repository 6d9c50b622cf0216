import { createHash } from "node:crypto";
import type { McpTool } from "../../directus/mcp-probe.ts";

/** What an agent must be offered to work the raw protocol, with the arguments that the protocol uses. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  items: ["action", "collection", "query", "keys", "data"],
  schema: [],
  "system-prompt": [],
};
/** Tools for administrators; an agent that sees one has too many rights. */
const FORBIDDEN = ["collections", "fields", "relations", "flows", "operations"];

/** Why these tools are not what an agent must be offered; null when they are. */
export function toolFault(tools: readonly McpTool[]): string | null {
  for (const [name, args] of Object.entries(NEEDED)) {
    const tool = tools.find((candidate) => candidate.name === name);
    if (tool === undefined) return `tools/list lacks ${name}`;
    const unknown = args.filter((arg) => !Object.hasOwn(tool.inputSchema.properties, arg));
    if (unknown.length > 0) return `tool ${name} takes no ${unknown.join(", ")}`;
  }
  const excess = tools.filter(({ name }) => FORBIDDEN.includes(name)).map(({ name }) => name);
  return excess.length === 0 ? null : `an agent is offered ${excess.join(", ")}`;
}

/** Digest of names and schemas, whatever their order in the list. */
export function toolsHash(tools: readonly McpTool[]): string {
  const lines = tools.map(({ name, inputSchema }) => `${name} ${JSON.stringify(inputSchema)}`).sort();
  return createHash("sha256").update(lines.join("\n")).digest("hex");
}
