import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { Library } from "../library.ts";
import { noQuery } from "./no-query.ts";
import { syncAnswerSchema, toSyncAnswer } from "./sync.ts";

/** A list in an answer is cut here; the count beside it is whole. */
const SHOWN = 20;

/** `POST /index/rebuild` makes the index anew from the files; `GET /index/verify` compares it with them and changes nothing. */
export function upkeepRoutes(app: FastifyInstance, library: Library, guard: onRequestHookHandler): void {
  app.post(
    "/index/rebuild",
    {
      onRequest: guard,
      preValidation: (request, _reply, done) => {
        request.body ??= {};
        done();
      },
      schema: {
        summary: "Read every file again into a new index, then swap; searches are answered from the old one meanwhile",
        querystring: noQuery,
        body: noQuery,
        response: {
          200: {
            type: "object",
            properties: { ...syncAnswerSchema.properties, generation: whole, failure: { type: ["string", "null"] } },
          },
        },
      },
    },
    async () => {
      const result = toSyncAnswer(await library.rebuild());
      const kept = library.kept();
      return { ...result, generation: kept?.generation ?? 0, failure: kept?.failure ?? null };
    },
  );
  app.get(
    "/index/verify",
    {
      onRequest: guard,
      schema: {
        summary: "Compare the kept index with its digests, and every document and citation with its file",
        querystring: noQuery,
        response: { 200: verifySchema },
      },
    },
    async () => {
      const { missing, extra, differing, citations, ...counts } = await library.compare();
      const kept = library.kept();
      const problems = [
        ...(kept?.verify() ?? []),
        ...missing.map((path) => `${path} is not indexed`),
        ...extra.map((path) => `${path} is indexed and not on disk`),
        ...differing.map((path) => `${path} is indexed with other bytes than it has`),
        ...citations.wrong.map((citation) => `${citation} does not reproduce its text`),
      ];
      return {
        ok: problems.length === 0,
        documents: { on_disk: counts.onDisk, indexed: counts.indexed },
        citations: { checked: citations.checked, wrong: citations.wrong.length },
        kept: { on_disk: kept !== null, generation: kept?.generation ?? 0 },
        problems_total: problems.length,
        problems: problems.slice(0, SHOWN),
      };
    },
  );
}

const whole = { type: "integer" } as const;

const verifySchema = {
  type: "object",
  properties: {
    ok: { type: "boolean" },
    documents: { type: "object", properties: { on_disk: whole, indexed: whole } },
    citations: { type: "object", properties: { checked: whole, wrong: whole } },
    kept: { type: "object", properties: { on_disk: { type: "boolean" }, generation: whole } },
    problems_total: whole,
    problems: { type: "array", items: { type: "string" } },
  },
} as const;
