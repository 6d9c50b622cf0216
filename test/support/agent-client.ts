/** An agent as the official MCP SDK makes one: a client on the native endpoint with the agent's own token. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { z } from "zod";

const textContent = z.array(z.object({ type: z.literal("text"), text: z.string() })).min(1);
const refusalText = z.array(z.object({ error: z.string(), code: z.string().optional() })).min(1);
const rowsText = z.object({ raw: z.array(z.looseObject({ id: z.string() })) });

export type Row = z.infer<typeof rowsText>["raw"][number];
/** What the `items` tool answered: rows, or the refusal as the agent reads it. */
export type Said =
  | { readonly ok: true; readonly rows: readonly Row[] }
  | { readonly ok: false; readonly code: string | null; readonly message: string };

export interface AgentClient {
  readonly client: Client;
  items(args: Readonly<Record<string, unknown>>): Promise<Said>;
  /** The rows of a call that must be accepted. @throws Error with the refusal */
  rows(args: Readonly<Record<string, unknown>>): Promise<readonly Row[]>;
  /** `update` of one task by its key. */
  update(task: string, data: Readonly<Record<string, unknown>>): Promise<Said>;
  close(): Promise<void>;
}

export async function connectAgent(mcpUrl: string, token: string): Promise<AgentClient> {
  const client = new Client({ name: "muster-test", version: "0" });
  const transport = new StreamableHTTPClientTransport(new URL(mcpUrl), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  // The SDK's own class does not satisfy its own interface under exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<Client["connect"]>[0]);
  const items: AgentClient["items"] = async (args) => {
    const result = await client.callTool({ name: "items", arguments: { ...args } });
    const [{ text } = { text: "" }] = textContent.parse(result.content);
    return result.isError === true ? toRefusal(text) : { ok: true, rows: rowsText.parse(JSON.parse(text)).raw };
  };
  return {
    client,
    items,
    async rows(args) {
      const said = await items(args);
      if (!said.ok) throw new Error(`${said.code}: ${said.message}`);
      return said.rows;
    },
    update: (task, data) => items({ action: "update", collection: "os_tasks", keys: [task], data }),
    close: () => client.close(),
  };
}

function toRefusal(text: string): Said {
  try {
    const [first] = refusalText.parse(JSON.parse(text));
    return { ok: false, code: first?.code ?? null, message: first?.error ?? text };
  } catch {
    // A refusal that is plain text is one too.
    return { ok: false, code: null, message: text };
  }
}
