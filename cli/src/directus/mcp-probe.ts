/**
 * An MCP endpoint, of Directus, of the board or of search, as a raw JSON-RPC client: what an agent's client does, without trusting any client library, so that wire
 * and doctor prove the endpoint itself. Directus answers each POST with one JSON document and keeps no session.
 */
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import { reasonOf } from "../errors/reason-of.ts";
import { type DirectusTarget, fetchWhileBusy } from "./client.ts";

const PROTOCOL_VERSION = "2025-06-18";

const rpcAnswer = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});
const initializeResult = z.object({
  protocolVersion: z.string(),
  serverInfo: z.object({ name: z.string(), version: z.string() }),
});
const tool = z.object({
  name: z.string(),
  /** JSON schema of its arguments. */
  inputSchema: z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) }).default({ properties: {} }),
});
export type McpTool = z.infer<typeof tool>;
const toolsResult = z.object({ tools: z.array(tool) });
const promptsResult = z.object({ prompts: z.array(z.object({ name: z.string() })) });
const callResult = z.object({
  isError: z.boolean().default(false),
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
});
const structuredResult = z.object({
  isError: z.boolean().default(false),
  structuredContent: z.record(z.string(), z.unknown()),
});
const itemsText = z.object({ raw: z.array(z.record(z.string(), z.unknown())) });
const errorText = z.array(z.object({ error: z.string(), code: z.string().optional() })).min(1);

type ItemsCall =
  | { readonly ok: true; readonly rows: readonly Readonly<Record<string, unknown>>[] }
  /** What the agent reads: Directus passes on message and code, nothing else. */
  | { readonly ok: false; readonly code: string | null; readonly message: string };

export interface StructuredCall {
  readonly isError: boolean;
  readonly content: Readonly<Record<string, unknown>>;
}

interface TextCall {
  readonly isError: boolean;
  readonly text: string;
}

export interface McpProbe {
  initialize(): Promise<z.infer<typeof initializeResult>>;
  listTools(): Promise<readonly string[]>;
  /** The same with the schema of each. */
  readTools(): Promise<readonly McpTool[]>;
  listPrompts(): Promise<readonly string[]>;
  /** Any tool that answers structured content, as the board's verbs do; a refusal is an answer too. */
  call(name: string, args: Readonly<Record<string, unknown>>): Promise<StructuredCall>;
  /** Any tool that answers text; a refusal is an answer too. */
  callText(name: string, args: Readonly<Record<string, unknown>>): Promise<TextCall>;
  /** The `items` tool: read, create or update. */
  items(args: Readonly<Record<string, unknown>>): Promise<ItemsCall>;
}

/** @throws CliError BOARD_UNREACHABLE when the endpoint answers with anything but a JSON-RPC result (MCP off, wrong token, no Directus). */
export function openMcp(target: DirectusTarget, path: "/mcp" | "/muster/mcp" = "/mcp"): McpProbe {
  let id = 0;
  const ask = async <Schema extends z.ZodType>(
    method: string,
    params: object,
    schema: Schema,
  ): Promise<z.infer<Schema>> => {
    id += 1;
    const send = () => post(target, path, { jsonrpc: "2.0", id, method, params });
    const { status, text } = await send().catch((error: unknown) => {
      if (isReading(method, params) && isCut(error)) return send();
      throw error;
    });
    const answer = rpcAnswer.safeParse(parseJson(text));
    const result = schema.safeParse(answer.data?.result);
    if (status === 200 && result.success) return result.data;
    throw unexpected(target.url, method, status, answer.data?.error?.message ?? text.slice(0, 200));
  };
  return {
    initialize: () => {
      const clientInfo = { name: "elk-os", version: "0" };
      return ask("initialize", { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo }, initializeResult);
    },
    listTools: async () => (await ask("tools/list", {}, toolsResult)).tools.map(({ name }) => name),
    readTools: async () => (await ask("tools/list", {}, toolsResult)).tools,
    listPrompts: async () => (await ask("prompts/list", {}, promptsResult)).prompts.map((prompt) => prompt.name),
    call: async (name, args) => {
      const { isError, structuredContent } = await ask("tools/call", { name, arguments: args }, structuredResult);
      return { isError, content: structuredContent };
    },
    callText: async (name, args) => {
      const { isError, content } = await ask("tools/call", { name, arguments: args }, callResult);
      return { isError, text: content.map(({ text }) => text ?? "").join("\n") };
    },
    items: async (args) => toItemsCall(await ask("tools/call", { name: "items", arguments: args }, callResult)),
  };
}

const readingCall = z.object({ arguments: z.object({ action: z.literal("read") }) });

/** Asking twice does no harm. */
function isReading(method: string, params: object): boolean {
  return method !== "tools/call" || readingCall.safeParse(params).success;
}

/** The answer had begun and was cut: seen once, through the proxy, right after all containers were made anew over a board of 100,000 tasks. */
function isCut(error: unknown): boolean {
  return error instanceof CliError && error.cause instanceof TypeError && error.cause.message === "terminated";
}

async function post(
  target: DirectusTarget,
  path: string,
  message: object,
): Promise<{ readonly status: number; readonly text: string }> {
  const headers = {
    Authorization: `Bearer ${target.token}`,
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
  };
  try {
    const init = { method: "POST", headers, body: JSON.stringify(message) };
    const response = await fetchWhileBusy(new URL(path, target.url), init, target.signal);
    return { status: response.status, text: await response.text() };
  } catch (cause) {
    target.signal.throwIfAborted();
    throw unexpected(target.url, "POST", 0, reasonOf(cause), cause);
  }
}

function toItemsCall({ isError, content }: z.infer<typeof callResult>): ItemsCall {
  const text = content[0]?.text ?? "";
  if (!isError) return { ok: true, rows: itemsText.parse(parseJson(text)).raw };
  const errors = errorText.safeParse(parseJson(text));
  const first = errors.data?.[0];
  return { ok: false, code: first?.code ?? null, message: first?.error ?? text };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is an answer too: the schema that comes next refuses it.
    return undefined;
  }
}

function unexpected(url: string, method: string, status: number, said: string, cause?: unknown): CliError {
  return new CliError("BOARD_UNREACHABLE", {
    message: `${url}/mcp did not answer ${method}: ${status === 0 ? "" : `${status} `}${said}`,
    hint: "Run `elk-os wire`, then `elk-os doctor`.",
    facts: { status },
    ...(cause === undefined ? {} : { cause }),
  });
}
