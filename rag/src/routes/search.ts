import type { FastifyInstance, onRequestHookHandler } from "fastify";
import { COLLECTIONS } from "../corpus/document.ts";
import type { SearchRequest } from "../engine/search.ts";
import { findPassages, type Readable } from "../reading/find-passages.ts";
import { DATA_NOT_INSTRUCTIONS } from "../reading/notice.ts";
import { noQuery } from "./no-query.ts";

interface SearchBody {
  readonly query: string;
  readonly limit: number;
  readonly mode: "auto" | "lexical" | "dense";
  readonly explain: boolean;
  readonly filters?: {
    readonly collections?: readonly string[];
    readonly tags?: readonly string[];
    readonly agent?: string;
    readonly project?: string;
    readonly type?: string;
    readonly path?: string;
    readonly after?: string;
    readonly before?: string;
  };
}

/** `POST /search {query, limit, mode, filters, explain}`: passages, best first, each with a citation that reproduces it. */
export function searchRoute(app: FastifyInstance, readable: Readable, guard: onRequestHookHandler): void {
  app.post<{ Body: SearchBody }>(
    "/search",
    {
      onRequest: guard,
      schema: {
        summary: "Passages of memory, log, docs, constitution and board, best first",
        querystring: noQuery,
        body: bodySchema,
        response: { 200: answerSchema },
      },
    },
    async (request) => {
      const startedMs = performance.now();
      const { hits, mode, notSearched } = await findPassages(readable, toRequest(request.body));
      return {
        notice: DATA_NOT_INSTRUCTIONS,
        hits,
        mode,
        not_searched: notSearched,
        took_ms: Math.round(performance.now() - startedMs),
      };
    },
  );
}

function toRequest({ query, limit, mode, explain, filters: given = {} }: SearchBody): SearchRequest {
  const { after, before, ...filters } = given;
  return {
    query,
    limit,
    mode,
    explain,
    filters: {
      ...filters,
      ...(after === undefined ? {} : { afterMs: Date.parse(after) }),
      ...(before === undefined ? {} : { beforeMs: Date.parse(before) }),
    },
  };
}

const name = { type: "string", minLength: 1, maxLength: 200 } as const;
const names = { type: "array", items: name, maxItems: 20 } as const;
/** A day or a full moment, as in RFC 3339. */
const moment = { type: "string", anyOf: [{ format: "date" }, { format: "date-time" }] } as const;

const filtersSchema = {
  type: "object",
  properties: {
    collections: { type: "array", items: { type: "string", enum: [...COLLECTIONS] }, maxItems: 20 },
    tags: names,
    agent: name,
    project: name,
    type: name,
    path: name,
    after: moment,
    before: moment,
  },
  additionalProperties: false,
} as const;

const bodySchema = {
  type: "object",
  properties: {
    // 2,000 characters: a long paragraph; a longer text is a document, not a question.
    query: { type: "string", minLength: 1, maxLength: 2_000, pattern: "\\S" },
    limit: { type: "integer", minimum: 1, maximum: 50, default: 10 },
    mode: { type: "string", enum: ["auto", "lexical", "dense"], default: "auto" },
    explain: { type: "boolean", default: false },
    filters: filtersSchema,
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
    title: { type: "string" },
    text: { type: "string" },
    score: { type: "number" },
    tags: { type: "array", items: { type: "string" } },
    at: { type: ["string", "null"] },
    superseded_by: { type: ["string", "null"] },
    explain: { type: "object", additionalProperties: true },
  },
} as const;

const answerSchema = {
  type: "object",
  properties: {
    // Whoever puts the texts before an agent puts this before the texts.
    notice: { type: "string" },
    hits: { type: "array", items: hitSchema },
    mode: { type: "string", enum: ["lexical", "hybrid", "dense"] },
    // Collections that cannot be asked now: nothing of them is among the hits.
    not_searched: { type: "array", items: { type: "string" } },
    took_ms: { type: "integer" },
  },
} as const;
