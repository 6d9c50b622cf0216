/** The board's verbs through both of their doors, as any client would call them: plain HTTP, nothing of ours in between. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

/** What a caller learns, in the same words whichever door it used. */
export type VerbAnswer =
  | { readonly ok: true; readonly answer: Readonly<Record<string, unknown>> }
  | {
      readonly ok: false;
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly facts: object;
    };

type Door = (url: string, token: string | null, verb: string, args: unknown) => Promise<VerbAnswer>;

const restAnswer = z.object({
  data: z.record(z.string(), z.unknown()).optional(),
  errors: z.array(z.object({ message: z.string(), extensions: z.looseObject({ code: z.string() }) })).optional(),
});
const refusedTool = z.strictObject({
  error: z.string(),
  code: z.string(),
  status: z.int(),
  facts: z.record(z.string(), z.unknown()).default({}),
});
const toolAnswer = z.object({
  result: z.object({
    isError: z.boolean().default(false),
    content: z.array(z.object({ type: z.literal("text"), text: z.string() })).length(1),
    structuredContent: z.record(z.string(), z.unknown()),
  }),
});

export async function postJson(
  url: string,
  token: string | null,
  body: unknown,
  headers: object = {},
): Promise<Response> {
  const init = {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
  for (;;) {
    const response = await fetch(url, init);
    // The pressure limiter of a loaded machine; nothing was done.
    if (response.status !== 503 || !(await isPressed(response.clone()))) return response;
    await sleep(100);
  }
}

async function isPressed(response: Response): Promise<boolean> {
  const text = await response.text();
  return text.includes("SERVICE_UNAVAILABLE") || text.includes("pressure");
}

export const rest: Door = async (url, token, verb, args) => {
  const response = await postJson(`${url}/muster/${verb}`, token, args);
  const { data, errors } = restAnswer.parse(await response.json());
  if (data !== undefined) return { ok: true, answer: data };
  const [first] = errors ?? [];
  if (first === undefined) throw new Error("Neither data nor an error.");
  const { code, ...facts } = first.extensions;
  return { ok: false, status: response.status, code, message: first.message, facts };
};

export const mcp: Door = async (url, token, verb, args) => {
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: verb, arguments: args } };
  const response = await postJson(`${url}/muster/mcp`, token, call);
  const body: unknown = await response.json();
  // Refused before the tool was reached, hence as REST is.
  const door = restAnswer.safeParse(body);
  const [first] = door.data?.errors ?? [];
  if (first !== undefined) {
    const { code, ...facts } = first.extensions;
    return { ok: false, status: response.status, code, message: first.message, facts };
  }
  const { result } = toolAnswer.parse(body);
  if (JSON.stringify(result.structuredContent) !== result.content[0]?.text)
    throw new Error("Text and structure differ.");
  if (!result.isError) return { ok: true, answer: result.structuredContent };
  const { error, code, status, facts } = refusedTool.parse(result.structuredContent);
  return { ok: false, status, code, message: error, facts };
};
