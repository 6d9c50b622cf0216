/**
 * Every code this service answers with. Codes are permanent; `next` tells the caller what to do.
 * The body of each refusal is `{ error: { code, message, next } }`.
 */
export const RAG_ERRORS = {
  MUSTER_RAG_INPUT_INVALID: { status: 400, next: "Correct the named field; unknown fields are refused, not ignored." },
  MUSTER_RAG_UNAUTHORIZED: { status: 401, next: "Send the header `Authorization: Bearer <key>` with the service key." },
  MUSTER_RAG_HOST_REFUSED: {
    status: 403,
    next: "Call the service by an address it knows; add names to ELK_OS_ALLOWED_HOSTS.",
  },
  MUSTER_RAG_ROUTE_UNKNOWN: { status: 404, next: "GET /openapi.json lists every route." },
  MUSTER_RAG_DOCUMENT_UNKNOWN: {
    status: 404,
    next: "Take the path from a hit of POST /search; a new file needs POST /index/sync.",
  },
  MUSTER_RAG_METHOD_REFUSED: { status: 405, next: "Use the method named in the Allow header." },
  MUSTER_RAG_MEMORY_EXISTS: {
    status: 409,
    next: "Read it, then send its sha256 as if_match to replace it, or choose another title.",
  },
  MUSTER_RAG_MEMORY_CHANGED: { status: 409, next: "Read the file again, merge, and send the new sha256 as if_match." },
  MUSTER_RAG_MEMORY_SIMILAR: {
    status: 409,
    next: "Read the similar memories; edit or supersede one of them, or send force: true.",
  },
  MUSTER_RAG_MEMORY_WAITS: {
    status: 409,
    next: "Wait until `elk-os rag take` has written it, read it, then send its sha256 as if_match.",
  },
  MUSTER_RAG_BODY_TOO_LARGE: { status: 413, next: "Send a shorter body." },
  MUSTER_RAG_MEDIA_REFUSED: { status: 415, next: "Send the header `Content-Type: application/json`." },
  MUSTER_RAG_BUSY: {
    status: 429,
    next: "Wait for the seconds in the Retry-After header, then send the request again.",
  },
  MUSTER_RAG_READ_ONLY: {
    status: 503,
    next: "The service user may not write there; use elk-os memory or elk-os log instead.",
  },
  MUSTER_RAG_WAITING_FULL: {
    status: 503,
    next: "Run `elk-os rag take` on the machine of the checkout, then send the request again.",
  },
  MUSTER_RAG_INDEX_MISSING: { status: 503, next: "Call POST /index/sync, then read the reasons in GET /health." },
  MUSTER_RAG_SOURCE_AWAY: {
    status: 503,
    next: "Send the request again when GET /health names the source no more; files are answered meanwhile.",
  },
  MUSTER_RAG_DISK_FULL: {
    status: 507,
    next: "Free room on the disk of memory/ and log/, then send the request again; nothing is left half written.",
  },
  MUSTER_RAG_INTERNAL: { status: 500, next: "Read the service log; the request id is in the answer's x-request-id." },
} as const satisfies Record<string, { status: number; next: string }>;

export type RagErrorCode = keyof typeof RAG_ERRORS;

/** A refusal with a catalogued code. The message reaches the caller, so it never holds a secret or a stack. */
export class RagError extends Error {
  readonly code: RagErrorCode;
  /** What a program needs to go on, such as the sha256 of what stands there now. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: RagErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "RagError";
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return RAG_ERRORS[this.code].status;
  }

  toBody(): { error: { code: RagErrorCode; message: string; next: string; [detail: string]: unknown } } {
    return { error: { ...this.details, code: this.code, message: this.message, next: RAG_ERRORS[this.code].next } };
  }
}
