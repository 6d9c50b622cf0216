import { setTimeout as sleep } from "node:timers/promises";
import type { DirectusError } from "@directus/sdk";
import { CliError } from "../errors/cli-error.ts";
import { reasonOf } from "../errors/reason-of.ts";

/** Directus's pressure limiter answers 503 in bursts of well under a second. */
const RETRY_PAUSE_MS = 250;
/** How long one request may be put off by 503 before it counts as unreachable: a cold start's worst second, ten times over. */
const BUSY_DEADLINE_MS = 15_000;
/** One request; metadata patches re-read the whole schema and take up to 2 s on a loaded two-core machine. */
const REQUEST_TIMEOUT_MS = 30_000;

export interface DirectusTarget {
  /** "http://127.0.0.1:8055" */
  readonly url: string;
  /** Static token; sent as a bearer token and never shown. */
  readonly token: string;
  readonly signal: AbortSignal;
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

interface DirectusRequest {
  /** Directus query parameters (fields, filter, limit, …). */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** REST as one user. Answers are untyped: the caller parses what it uses. */
export interface DirectusClient {
  /** The `data` of the answer, null for 204. @throws DirectusRefusal, CliError BOARD_UNREACHABLE, or the signal's reason */
  request(method: Method, path: string, request?: DirectusRequest): Promise<unknown>;
}

/** Directus answered, and the answer was no. */
export class DirectusRefusal extends CliError {
  /** HTTP status. */
  readonly status: number;
  /** Directus's or the board's error code, such as FORBIDDEN or MUSTER_CLAIM_CONFLICT. */
  readonly refusal: string;
  /** Directus's own sentence. */
  readonly said: string;

  constructor(what: string, status: number, refusal: string, message: string, cause: unknown) {
    super("PHASE_FAILED", {
      message: `Directus refused ${what} with ${status} ${refusal}: ${message}`,
      hint:
        status === 401
          ? "The token is not known to this Directus: run `elk-os doctor`."
          : "Run `elk-os logs directus`.",
      cause,
      facts: { status, refusal },
    });
    this.status = status;
    this.refusal = refusal;
    this.said = message;
  }
}

/** Opens nothing until the first request. Answers of 503 are repeated for 15 s. */
export function openDirectus({ url, token, signal }: DirectusTarget): DirectusClient {
  const fetchPatiently = (input: string | URL | Request, init?: RequestInit) =>
    fetchWhileBusy(input, init ?? {}, signal);
  return {
    async request(method, path, { params, body } = {}) {
      signal.throwIfAborted();
      // A sixth of all modules of the CLI; many commands ask Directus nothing.
      const sdk = await import("@directus/sdk");
      const client = sdk
        .createDirectus(url, { globals: { fetch: fetchPatiently } })
        .with(sdk.staticToken(token))
        .with(sdk.rest());
      const what = `${method} ${path}`;
      const options = {
        method,
        path,
        ...(params ? { params } : {}),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      };
      try {
        return await client.request(sdk.customEndpoint<unknown>(options));
      } catch (error) {
        signal.throwIfAborted();
        const refused = hasErrorList(error) && sdk.isDirectusError(error) ? error : null;
        throw refused === null ? unreachable(what, url, error) : toRefusal(what, refused);
      }
    },
  };
}

/** `fetch` with a time limit; an answer of 503 is repeated for 15 s. */
export async function fetchWhileBusy(
  input: string | URL | Request,
  init: RequestInit,
  signal: AbortSignal,
  timeoutMs = REQUEST_TIMEOUT_MS,
): Promise<Response> {
  const deadline = Date.now() + BUSY_DEADLINE_MS;
  for (;;) {
    const attempt = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const response = await fetch(input, { ...init, signal: attempt });
    if (response.status !== 503 || Date.now() > deadline) return response;
    await response.body?.cancel();
    await sleep(RETRY_PAUSE_MS, undefined, { signal });
  }
}

/** The SDK's own guard throws on an empty list. */
function hasErrorList(error: unknown): boolean {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors) && error.errors.length > 0;
}

function toRefusal(what: string, error: DirectusError): CliError {
  const [first] = error.errors;
  const code = first?.extensions?.code ?? "UNKNOWN";
  return new DirectusRefusal(what, error.response.status, code, first?.message ?? "no message", error);
}

function unreachable(what: string, url: string, error: unknown): CliError {
  return new CliError("BOARD_UNREACHABLE", {
    message: `Directus at ${url} did not answer ${what}: ${reasonOf(error)}`,
    hint: "Run `elk-os status`, then `elk-os up`.",
    cause: error,
  });
}
