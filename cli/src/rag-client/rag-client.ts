import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";
import { identifyService, type ServiceIdentity } from "../identity/service-identity.ts";
import type { Stack } from "../stack/stack.ts";

export type RagAnswer = Readonly<Record<string, unknown>>;

/** The search service of one instance, after it proved that it is that. */
export interface RagClient {
  readonly identity: ServiceIdentity;
  /** @throws CliError SEARCH_REFUSED with the service's own code and next step; SEARCH_UNREACHABLE */
  call(method: "GET" | "POST", path: string, body?: object): Promise<RagAnswer>;
}

/** A rebuild of 20,000 passages takes seconds; ten minutes is a machine that stands still. */
const LONGEST_CALL_MS = 600_000;

const refused = z.object({ error: z.looseObject({ code: z.string(), message: z.string(), next: z.string() }) });
const answered = z.record(z.string(), z.unknown());

/**
 * Asks who answers on the port of search before the key is sent there.
 * @throws CliError SEARCH_UNREACHABLE when nobody answers; IDENTITY_REFUSED when it is not this instance's service
 */
export async function openRag(stack: Stack, signal: AbortSignal): Promise<RagClient> {
  const identity = await identifyService(stack, "rag", signal);
  const url = `http://127.0.0.1:${identity.port}`;
  if (identity.verdict === "UNREACHABLE") throw unreachable(url, identity.evidence);
  if (identity.answer === null) {
    throw new CliError("IDENTITY_REFUSED", {
      message: `What answers on ${url} is not this instance's search: ${identity.verdict}, ${identity.evidence}.`,
      hint: "Stop that program or set ELK_OS_RAG_PORT, then `elk-os up`. No key was sent to it.",
      facts: { verdict: identity.verdict, port: identity.port },
    });
  }
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${stack.secrets.read("rag_key").reveal()}`,
  };
  return {
    identity,
    async call(method, path, body) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_CALL_MS)]);
      let status: number;
      let text: string;
      try {
        const init = { method, headers, redirect: "manual", signal: limit } as const;
        const response = await fetch(`${url}${path}`, {
          ...init,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        status = response.status;
        text = await response.text();
      } catch (cause) {
        signal.throwIfAborted();
        throw unreachable(url, cause instanceof Error ? cause.message : String(cause), cause);
      }
      const parsed = parse(text);
      const answer = answered.safeParse(parsed);
      if (status === 200 && answer.success) return answer.data;
      const refusal = refused.safeParse(parsed).data?.error;
      if (refusal === undefined) throw unreachable(url, `${method} ${path} got ${status}`);
      const { code, message, next, ...facts } = refusal;
      throw new CliError("SEARCH_REFUSED", {
        message: `${code}: ${message}`,
        hint: next,
        facts: { ...facts, status, refusal: code },
      });
    },
  };
}

function unreachable(url: string, said: string, cause?: unknown): CliError {
  return new CliError("SEARCH_UNREACHABLE", {
    message: `The search service on ${url} does not answer: ${said}.`,
    hint: "Run `elk-os status`, then `elk-os up`; `elk-os logs rag` says why it ended. The files in memory/ and log/ are readable without it.",
    ...(cause === undefined ? {} : { cause }),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no answer of the service: the schema that comes next says so.
    return undefined;
  }
}
