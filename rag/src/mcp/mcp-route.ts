import type { FastifyInstance, onRequestHookHandler } from "fastify";
import { z } from "zod";
import { RagError } from "../errors.ts";
import { noQuery } from "../routes/no-query.ts";
import { TOOLS, type ToolParts } from "./tools.ts";

/**
 * `POST /mcp`: the tools for agents, by the official SDK, stateless: each request is answered by a server of its own, in JSON. The SDK is
 * loaded by the first request, so that a start does not wait for it.
 */
export function mcpRoute(
  app: FastifyInstance,
  parts: ToolParts & { readonly version: string },
  guard: onRequestHookHandler,
): void {
  app.post(
    "/mcp",
    {
      onRequest: guard,
      schema: {
        summary: "Model Context Protocol, stateless JSON",
        querystring: noQuery,
        body: { type: "object", required: ["jsonrpc"], properties: { jsonrpc: { type: "string" } } },
      },
    },
    async (request, reply) => {
      const [{ Server }, { StreamableHTTPServerTransport }, types] = await Promise.all([
        import("@modelcontextprotocol/sdk/server/index.js"),
        import("@modelcontextprotocol/sdk/server/streamableHttp.js"),
        import("@modelcontextprotocol/sdk/types.js"),
      ]);
      const server = new Server({ name: "muster-memory", version: parts.version }, { capabilities: { tools: {} } });
      server.setRequestHandler(types.ListToolsRequestSchema, () => ({ tools: TOOL_LIST }));
      server.setRequestHandler(types.CallToolRequestSchema, ({ params }) =>
        callTool(parts, params.name, params.arguments),
      );
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
      reply.raw.on("close", () => void server.close());
      // The SDK declares a session id that a stateless server does not have.
      await server.connect(transport as Parameters<typeof server.connect>[0]);
      reply.hijack();
      await transport.handleRequest(request.raw, reply.raw, request.body);
    },
  );
}

const TOOL_LIST = TOOLS.map(({ name, description, input, annotations }) => ({
  name,
  description,
  annotations: { ...annotations, openWorldHint: false },
  inputSchema: { ...z.toJSONSchema(input, { io: "input" }), type: "object" as const },
}));

type ToolAnswer = { content: { type: "text"; text: string }[]; isError?: boolean };

async function callTool(parts: ToolParts, name: string, input: unknown): Promise<ToolAnswer> {
  const tool = TOOLS.find((one) => one.name === name);
  try {
    if (tool === undefined) throw new RagError("MUSTER_RAG_INPUT_INVALID", `There is no tool "${name}".`);
    return { content: [{ type: "text", text: await tool.run(parts, input ?? {}) }] };
  } catch (error) {
    return { content: [{ type: "text", text: describeFailure(error) }], isError: true };
  }
}

/** An agent sees only this text: it names the code and what to do next. */
function describeFailure(error: unknown): string {
  if (error instanceof z.ZodError) return `MUSTER_RAG_INPUT_INVALID: ${z.prettifyError(error)}`;
  if (!(error instanceof RagError)) throw error;
  const { code, message, next, ...details } = error.toBody().error;
  return [`${code}: ${message} ${next}`, ...(Object.keys(details).length > 0 ? [JSON.stringify(details)] : [])].join(
    "\n",
  );
}
