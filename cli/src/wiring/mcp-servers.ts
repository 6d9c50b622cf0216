import { SEARCH_KEY_VARIABLE, tokenNames } from "./token-names.ts";

/** An MCP server of the instance, as any client needs it. */
export interface McpServer {
  /** Agents see its tools under this name. */
  readonly name: string;
  readonly url: string;
  /** Environment variable that holds its bearer token; the token itself stands in no config. */
  readonly variable: string;
}

/**
 * Directus's native tools by search instead of as a list: a list costs an agent 37.8 KB of context, about 9,400 tokens, in every
 * session; the registry costs 2.8 KB, and 13.6 KB even when the items tool is then looked up (measured by the test beside this).
 */
const NATIVE_PATH = "/mcp?tool_mode=registry";
const VERB_PATH = "/muster/mcp";
const MEMORY_PATH = "/mcp";

/** A tool may wait 45 s for a task; a client that gives up sooner would lose the answer. */
export const TOOL_TIMEOUT_MS = 60_000;

export interface McpPlace {
  readonly agent: string;
  readonly directusUrl: string;
  readonly ragUrl: string;
}

/** The board's verbs, Directus's native tools, and search over memory. */
export function mcpServers({ agent, directusUrl, ragUrl }: McpPlace): readonly McpServer[] {
  const { variable } = tokenNames(agent);
  return [
    { name: "board", url: `${directusUrl}${VERB_PATH}`, variable },
    { name: "muster", url: `${directusUrl}${NATIVE_PATH}`, variable },
    { name: "memory", url: `${ragUrl}${MEMORY_PATH}`, variable: SEARCH_KEY_VARIABLE },
  ];
}
