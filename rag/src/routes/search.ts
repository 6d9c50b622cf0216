import type { FastifyInstance, onRequestHookHandler } from "fastify";
import { RagError } from "../errors.ts";
import type { Library } from "../library.ts";
import { noQuery } from "./no-query.ts";

interface SearchBody {
  readonly query: string;
  readonly limit: number;
}

/** `POST /search {query, limit}`: passages of memory and log, best first, each with a citation that reproduces it. */
export function searchRoute(app: FastifyInstance, library: Library, guard: onRequestHookHandler): void {
  app.post<{ Body: SearchBody }>(
    "/search",
    { onRequest: guard, schema: { querystring: noQuery, body: bodySchema, response: { 200: answerSchema } } },
    (request) => {
      const startedMs = performance.now();
      const hits = library.search(request.body.query, request.body.limit);
      if (hits === null) throw new RagError("MUSTER_RAG_INDEX_MISSING", "No index has been built yet.");
      return { hits, mode: "lexical", took_ms: Math.round(performance.now() - startedMs) };
    },
  );
}

const bodySchema = {
  type: "object",
  properties: {
    // 2,000 characters: a long paragraph; a longer text is a document, not a question.
    query: { type: "string", minLength: 1, maxLength: 2_000, pattern: "\\S" },
    limit: { type: "integer", minimum: 1, maximum: 50, default: 10 },
  },
  required: ["query"],
  additionalProperties: false,
} as const;

const hitSchema = {
  type: "object",
  properties: {
    path: { type: "string" },
    collection: { type: "string" },
    headings: { type: "array", items: { type: "string" } },
    lines: { type: "object", properties: { start: { type: "integer" }, end: { type: "integer" } } },
    citation: { type: "string" },
    text: { type: "string" },
    score: { type: "number" },
  },
} as const;

const answerSchema = {
  type: "object",
  properties: {
    hits: { type: "array", items: hitSchema },
    mode: { type: "string", enum: ["lexical"] },
    took_ms: { type: "integer" },
  },
} as const;
