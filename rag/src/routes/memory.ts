import type { FastifyInstance, onRequestHookHandler } from "fastify";
import { FORM } from "../memory/memory-form.ts";
import type { MemoryWrite } from "../memory/write-memory.ts";
import { type WriteParts, writeMemoryOrWait } from "../waiting/write-or-wait.ts";
import { noQuery } from "./no-query.ts";

/**
 * `POST /memory`: writes the file, then indexes it. Never replaces anything unless `if_match` names what stands there. 202 where the service may not write
 * and the memory waits for who may.
 */
export function memoryRoute(app: FastifyInstance, parts: WriteParts, guard: onRequestHookHandler): void {
  app.post<{ Body: MemoryWrite }>(
    "/memory",
    {
      onRequest: guard,
      schema: {
        summary: "Remember a lesson: one file, one line in the index",
        querystring: noQuery,
        body: memoryBody,
        response: { 200: answerSchema, 202: waitsSchema },
      },
    },
    async ({ body }, reply) => {
      const answer = await writeMemoryOrWait(parts, body);
      return reply.code(answer.status === "waits" ? 202 : 200).send(answer);
    },
  );
}

const word = { type: "string", minLength: 1, maxLength: 60, pattern: FORM.word } as const;

export const memoryBody = {
  type: "object",
  properties: {
    title: { type: "string", minLength: 3, maxLength: 120, pattern: FORM.line },
    body: { type: "string", minLength: 1, maxLength: 12_000, pattern: FORM.text },
    tags: { type: "array", items: word, maxItems: 12 },
    supersedes: { type: "array", items: { type: "string", minLength: 1, maxLength: 200 }, maxItems: 12 },
    agent: word,
    name: { type: "string", pattern: "^[a-z0-9][a-z0-9-]{0,79}$" },
    if_match: { type: "string", pattern: FORM.digest },
    force: { type: "boolean" },
  },
  required: ["title", "body"],
  additionalProperties: false,
} as const;

const similar = {
  type: "array",
  items: {
    type: "object",
    properties: { path: { type: "string" }, title: { type: "string" }, likeness: { type: "number" } },
  },
} as const;

const answerSchema = {
  type: "object",
  properties: {
    status: { type: "string", const: "written" },
    path: { type: "string" },
    sha256: { type: "string" },
    changed: { type: "boolean" },
    similar,
  },
} as const;

const waitsSchema = {
  type: "object",
  properties: {
    status: { type: "string", const: "waits" },
    id: { type: "string" },
    at: { type: "string" },
    path: { type: "string" },
    similar,
    next: { type: "string" },
  },
} as const;
