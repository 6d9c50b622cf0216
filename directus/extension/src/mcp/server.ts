import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  type JSONRPCMessage,
  type JSONRPCRequest,
  ListToolsRequestSchema,
  McpError,
} from "@modelcontextprotocol/sdk/types.js";
import type { MusterRefusal } from "../muster-refusal.ts";
import { TOOLS } from "../verbs/registry.ts";
import type { Verb } from "../verbs/verb.ts";

/** The whole tool list, made once: what an agent's context pays for. */
export const TOOL_LIST = TOOLS.map(({ name, description, schema, hints }) => ({
  name,
  description,
  inputSchema: schema,
  annotations: hints,
}));

const INSTRUCTIONS =
  "A Muster board. join, then next to claim a task; keep its fence. note what you learn, then submit or release. To verify: review, then verdict. A refusal says what to do next.";

/** This server asks its clients nothing, so no schema of theirs is ever checked. */
const NO_VALIDATOR = {
  getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: "not supported" }),
};

export interface ToolCaller {
  call(verb: Verb, args: unknown): Promise<Readonly<Record<string, unknown>>>;
  refusalOf(error: unknown): MusterRefusal;
}

/** Answers one JSON-RPC request with a server of its own: no session, nothing kept, ids of two clients can never meet. */
export async function answerRequest(
  request: JSONRPCRequest,
  version: string,
  caller: ToolCaller,
): Promise<JSONRPCMessage> {
  const server = new Server(
    { name: "muster", version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS, jsonSchemaValidator: NO_VALIDATOR },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOL_LIST }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) =>
    callTool(params.name, params.arguments ?? {}, caller),
  );
  const { promise, resolve } = Promise.withResolvers<JSONRPCMessage>();
  const transport: Parameters<Server["connect"]>[0] = {
    start: async () => undefined,
    close: async () => undefined,
    send: async (message) => resolve(message),
  };
  await server.connect(transport);
  transport.onmessage?.(request);
  const answer = await promise;
  await server.close();
  return answer;
}

async function callTool(name: string, args: unknown, caller: ToolCaller): Promise<CallToolResult> {
  const verb = TOOLS.find((tool) => tool.name === name);
  if (verb === undefined) {
    throw new McpError(
      ErrorCode.InvalidParams,
      `There is no tool of that name. Tools: ${TOOLS.map((tool) => tool.name).join(", ")}.`,
    );
  }
  try {
    return resultOf({ ...(await caller.call(verb, args)) });
  } catch (error) {
    const { code, status, message, extensions } = caller.refusalOf(error);
    const facts = Object.keys(extensions).length === 0 ? {} : { facts: extensions };
    return { ...resultOf({ error: message, code, status, ...facts }), isError: true };
  }
}

/** Clients that know no structured content read the same as text. */
function resultOf(content: Record<string, unknown>): CallToolResult {
  return { content: [{ type: "text", text: JSON.stringify(content) }], structuredContent: content };
}
