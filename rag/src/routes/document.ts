import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { Readable } from "../reading/find-passages.ts";
import { DATA_NOT_INSTRUCTIONS } from "../reading/notice.ts";
import { readLines } from "../reading/read-lines.ts";

interface Asked {
  readonly Params: { readonly "*": string };
  readonly Querystring: { readonly from?: string; readonly lines?: string };
}

/** `GET /doc/memory/x.md?from=3&lines=20`: lines of a document as they were indexed, with a citation of what is given. */
export function documentRoute(app: FastifyInstance, readable: Readable, guard: onRequestHookHandler): void {
  app.get<Asked>(
    "/doc/*",
    {
      onRequest: guard,
      schema: { summary: "Lines of a document", querystring: querySchema, response: { 200: answerSchema } },
    },
    async ({ params, query }) => {
      const lines = query.lines === undefined ? {} : { lines: Number(query.lines) };
      const given = await readLines(readable, { path: params["*"], from: Number(query.from ?? 1), ...lines });
      return { notice: DATA_NOT_INSTRUCTIONS, ...given };
    },
  );
}

/** A query string is text: digits, and no more of them than a file can have lines. */
const count = { type: "string", pattern: "^[1-9][0-9]{0,6}$" } as const;

const querySchema = {
  type: "object",
  properties: { from: count, lines: count },
  additionalProperties: false,
} as const;

const answerSchema = {
  type: "object",
  properties: {
    notice: { type: "string" },
    path: { type: "string" },
    title: { type: "string" },
    sha256: { type: "string" },
    tags: { type: "array", items: { type: "string" } },
    superseded_by: { type: ["string", "null"] },
    lines: {
      type: "object",
      properties: { start: { type: "integer" }, end: { type: "integer" }, total: { type: "integer" } },
    },
    citation: { type: "string" },
    text: { type: "string" },
  },
} as const;
