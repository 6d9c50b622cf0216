import {
  ErrorCode,
  isJSONRPCRequest,
  JSONRPCMessageSchema,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/sdk/types.js";
import type { Endpoint, ExtensionContext, Request, Response } from "../directus-api.ts";
import { releaseVersion } from "../environment.ts";
import { refusalOf } from "../muster-refusal.ts";
import type { ReadyWatch } from "../ready-watch.ts";
import { refuse } from "../refuse.ts";
import { hangUp } from "../rest.ts";
import { openDesk } from "../verb-desk.ts";
import { type McpServer, openMcpServer } from "./server.ts";

/**
 * `/muster/mcp`: MCP's streamable HTTP without sessions and without streams. One JSON-RPC request per POST, answered as JSON; 202 for every
 * notification and response; 405 for every other method; a batch is refused with -32600.
 */
export function mountMcp(router: Parameters<Endpoint>[0], context: ExtensionContext, watch: ReadyWatch): void {
  let server: Promise<McpServer> | undefined;
  // Made with the first request: a missing release version refuses the call, never the start of Directus.
  const open = () => {
    server ??= openMcpServer(releaseVersion());
    return server;
  };
  router.all("/mcp", (req, res, next) => {
    res.set("Cache-Control", "no-store");
    if (req.accountability?.user === null || req.accountability === undefined)
      return next(refusalOf("MUSTER_NO_ACTOR"));
    answer(req, res, { context, watch, open }).catch((error: unknown) => {
      if (!res.destroyed) next(refuse(error, context.logger));
    });
  });
}

interface Place {
  readonly context: ExtensionContext;
  readonly watch: ReadyWatch;
  open(): Promise<McpServer>;
}

async function answer(req: Request, res: Response, { context, watch, open }: Place): Promise<void> {
  if (req.method !== "POST") {
    res.set("Allow", "POST");
    return rpcError(res, 405, ErrorCode.InvalidRequest, "Only POST: this server keeps no session and opens no stream.");
  }
  const { body } = req;
  if (Array.isArray(body))
    return rpcError(res, 400, ErrorCode.InvalidRequest, "Batches are not supported: one message per POST.");
  const version = req.headers["mcp-protocol-version"];
  if (typeof version === "string" && !SUPPORTED_PROTOCOL_VERSIONS.includes(version)) {
    const known = SUPPORTED_PROTOCOL_VERSIONS.join(", ");
    return rpcError(res, 400, ErrorCode.InvalidRequest, `MCP-Protocol-Version is not supported. Send one of ${known}.`);
  }
  const message = JSONRPCMessageSchema.safeParse(body);
  if (!message.success) return rpcError(res, 400, ErrorCode.InvalidRequest, "The body is no JSON-RPC 2.0 message.");
  if (!isJSONRPCRequest(message.data)) {
    res.status(202).end();
    return;
  }
  const desk = openDesk({
    context,
    watch,
    accountability: req.accountability,
    schema: req.schema,
    signal: hangUp(res),
  });
  const server = await open();
  const answered = await server.answer(message.data, {
    call: (verb, args) => verb.invoke(desk, args),
    refusalOf: (error) => refuse(error, context.logger),
  });
  if (!res.destroyed) res.json(answered);
}

function rpcError(res: Response, status: number, code: number, message: string): void {
  res.status(status).json({ jsonrpc: "2.0", id: null, error: { code, message } });
}
