/**
 * Every code this service answers with. Codes are permanent; `next` tells the caller what to do.
 * The body of each refusal is `{ error: { code, message, next } }`.
 */
export const RAG_ERRORS = {
  MUSTER_RAG_INPUT_INVALID: { status: 400, next: "Correct the named field; unknown fields are refused, not ignored." },
  MUSTER_RAG_UNAUTHORIZED: { status: 401, next: "Send the header `Authorization: Bearer <key>` with the service key." },
  MUSTER_RAG_ROUTE_UNKNOWN: { status: 404, next: "Routes: GET /health, GET /stats, POST /search, POST /index/sync." },
  MUSTER_RAG_METHOD_REFUSED: { status: 405, next: "Use the method named in the Allow header." },
  MUSTER_RAG_BODY_TOO_LARGE: { status: 413, next: "Send a shorter body." },
  MUSTER_RAG_MEDIA_REFUSED: { status: 415, next: "Send the header `Content-Type: application/json`." },
  MUSTER_RAG_INDEX_MISSING: { status: 503, next: "Call POST /index/sync, then read the reasons in GET /health." },
  MUSTER_RAG_INTERNAL: { status: 500, next: "Read the service log; the request id is in the answer's x-request-id." },
} as const satisfies Record<string, { status: number; next: string }>;

export type RagErrorCode = keyof typeof RAG_ERRORS;

/** A refusal with a catalogued code. The message reaches the caller, so it never holds a secret or a stack. */
export class RagError extends Error {
  readonly code: RagErrorCode;

  constructor(code: RagErrorCode, message: string) {
    super(message);
    this.name = "RagError";
    this.code = code;
  }

  get status(): number {
    return RAG_ERRORS[this.code].status;
  }

  toBody(): { error: { code: RagErrorCode; message: string; next: string } } {
    return { error: { code: this.code, message: this.message, next: RAG_ERRORS[this.code].next } };
  }
}
