/** Directus's own doors, as any client would call them: what they answer to one write, in the same words. */
import { z } from "zod";
import { openMcp } from "../../cli/src/directus/mcp-probe.ts";
import { postJson } from "./verb-doors.ts";

/** What a client learns from a refusal; status is null where the door tells none. */
export interface NativeRefusal {
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string;
}

export interface Write {
  readonly action: "create" | "update" | "delete";
  readonly collection: string;
  readonly keys?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
}

type NativeDoor = (url: string, token: string, write: Write) => Promise<NativeRefusal | null>;

const refused = z.object({
  errors: z.array(z.object({ message: z.string(), extensions: z.looseObject({ code: z.string() }) })).min(1),
});

const METHODS = { create: "POST", update: "PATCH", delete: "DELETE" } as const;

/** Null when the write was accepted. */
export const overRest: NativeDoor = async (url, token, { action, collection, keys, data }) => {
  const [key] = keys ?? [];
  const isOne = keys?.length === 1;
  const batch = action === "delete" ? keys : { keys, data };
  const response = await fetch(`${url}/items/${collection}${isOne ? `/${key}` : ""}`, {
    method: METHODS[action],
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify(keys === undefined || isOne ? (data ?? {}) : batch),
  });
  return response.ok ? null : refusalIn(response.status, await response.json());
};

/** GraphQL refuses with 200, so the status is null. */
export const overGraphql: NativeDoor = async (url, token, { action, collection, keys, data }) => {
  const names: Record<Write["action"], string> = {
    create: `create_${collection}_item`,
    update: `update_${collection}_item`,
    delete: `delete_${collection}_item`,
  };
  const id = keys?.[0] === undefined ? "" : `id: ${JSON.stringify(keys[0])}`;
  const fields = data === undefined ? "" : `data: ${literal(data)}`;
  const query = `mutation { ${names[action]}(${[id, fields].filter((part) => part !== "").join(", ")}) { id } }`;
  const response = await postJson(`${url}/graphql`, token, { query });
  const body: unknown = await response.json();
  return refused.safeParse(body).success ? { ...refusalIn(response.status, body), status: null } : null;
};

/** Native MCP passes on code and message alone. */
export const overMcp: NativeDoor = async (url, token, { action, collection, keys, data }) => {
  const { signal } = new AbortController();
  const call = { action, collection, ...(keys === undefined ? {} : { keys }), ...(data === undefined ? {} : { data }) };
  const answer = await openMcp({ url, token, signal }).items(call);
  return answer.ok ? null : { status: null, code: answer.code, message: answer.message };
};

function refusalIn(status: number, body: unknown): NativeRefusal {
  const [first] = refused.parse(body).errors;
  return { status, code: first?.extensions.code ?? null, message: first?.message ?? "" };
}

/** GraphQL writes objects without quotes round their keys. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${literal(inner)}`)
    .join(", ")} }`;
}
