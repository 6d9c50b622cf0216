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

export interface McpServer {
  answer(request: JSONRPCRequest, caller: ToolCaller): Promise<JSONRPCMessage>;
}

/**
 * One server for all clients: making one costs as much as answering with it. Each request runs under a number of its own and answers under
 * its client's id, so that the ids of two clients can never meet. It keeps nothing of a request once that is answered.
 */
export async function openMcpServer(version: string): Promise<McpServer> {
  const server = new Server(
    { name: "muster", version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS, jsonSchemaValidator: NO_VALIDATOR },
  );
  const open = new Map<unknown, Exchange>();
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOL_LIST }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { requestId }) => {
    const exchange = open.get(requestId);
    if (exchange === undefined) throw new McpError(ErrorCode.InternalError, "The request is not open.");
    return callTool(params.name, params.arguments ?? {}, exchange.caller);
  });
  const transport: Parameters<Server["connect"]>[0] = {
    start: async () => undefined,
    close: async () => undefined,
    async send(message) {
      if ("method" in message) return;
      open.get(message.id)?.settle(message);
    },
  };
  await server.connect(transport);
  let last = 0;
  return {
    async answer(request, caller) {
      last += 1;
      const id = last;
      const { promise, resolve: settle } = Promise.withResolvers<JSONRPCMessage>();
      open.set(id, { caller, settle });
      try {
        transport.onmessage?.({ ...request, id });
        return { ...(await promise), id: request.id };
      } finally {
        open.delete(id);
      }
    },
  };
}

interface Exchange {
  readonly caller: ToolCaller;
  settle(answer: JSONRPCMessage): void;
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
