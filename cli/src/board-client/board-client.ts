import { z } from "zod";
import { fetchWhileBusy } from "../directus/client.ts";
import { CliError } from "../errors/cli-error.ts";

export interface BoardTarget {
  /** "http://127.0.0.1:8055" */
  readonly url: string;
  /** Sent as a bearer token and never shown. */
  readonly token: string;
  readonly signal: AbortSignal;
}

export type Answer = Readonly<Record<string, unknown>>;

/** The board's verbs as one user. */
export interface BoardClient {
  /** `POST /muster/<verb>`. @throws BoardRefusal; CliError BOARD_UNREACHABLE when nobody can say whether it was done */
  call(verb: string, args: Answer): Promise<Answer>;
}

/** The board answered, and the answer was no: nothing was written. */
export class BoardRefusal extends CliError {
  constructor(verb: string, status: number, code: string, message: string, facts: Answer) {
    super("BOARD_REFUSED", {
      message: `${verb}: ${message}`,
      hint: "Nothing was written.",
      facts: { ...facts, verb, status, refusal: code },
    });
  }
}

const answered = z.object({ data: z.record(z.string(), z.unknown()) });
const refused = z.object({
  errors: z.array(z.object({ message: z.string(), extensions: z.looseObject({ code: z.string() }) })).min(1),
});

/** Statuses of a board that is not well: whether the operation was done is not known. */
const isUnwell = (status: number): boolean => status >= 500 || status === 429 || status === 404;

/** Opens nothing until the first call. */
export function openBoard({ url, token, signal }: BoardTarget): BoardClient {
  return {
    async call(verb, args) {
      const { status, body } = await post(new URL(`/muster/${verb}`, url), token, args, signal);
      const answer = answered.safeParse(body);
      if (status === 200 && answer.success) return answer.data.data;
      const first = refused.safeParse(body).data?.errors[0];
      const code = first?.extensions.code ?? "";
      // The law's own 404 and 429 are answers; anybody else's come from something that is not a working board.
      const isLaw = code.startsWith("MUSTER_") && code !== "MUSTER_VERB_UNKNOWN" && status < 500;
      if (first === undefined || (isUnwell(status) && !isLaw)) {
        throw unreachable(url, `${verb} got ${status}${first === undefined ? "" : ` ${code}: ${first.message}`}`);
      }
      const { code: _, ...facts } = first.extensions;
      throw new BoardRefusal(verb, status, code, first.message, facts);
    },
  };
}

async function post(url: URL, token: string, args: Answer, signal: AbortSignal) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_CALL_MS)]);
  try {
    const init = { method: "POST", headers, body: JSON.stringify(args) };
    const response = await fetchWhileBusy(url, init, limit, LONGEST_CALL_MS);
    return { status: response.status, body: parsed(await response.text()) };
  } catch (cause) {
    signal.throwIfAborted();
    throw unreachable(url.origin, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** A long poll takes 45 s; 15 s more for a loaded machine. */
const LONGEST_CALL_MS = 60_000;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is no answer of the board: the schema that comes next says so.
    return undefined;
  }
}

function unreachable(url: string, said: string, cause?: unknown): CliError {
  return new CliError("BOARD_UNREACHABLE", {
    message: `The board at ${url} cannot be asked: ${said}.`,
    hint: "Run `elk-os status`, then `elk-os up`.",
    ...(cause === undefined ? {} : { cause }),
  });
}
