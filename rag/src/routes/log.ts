import type { LogEntry } from "@muster/board/log-chain";
import type { FastifyInstance, onRequestHookHandler } from "fastify";
import { FORM } from "../memory/memory-form.ts";
import { appendLogOrWait, type WriteParts } from "../waiting/write-or-wait.ts";
import { noQuery } from "./no-query.ts";

/** `POST /log`: appends an entry to today's file and to the hash chain, then indexes it. 202 where the service may not and the entry waits for who may. */
export function logRoute(app: FastifyInstance, parts: WriteParts, guard: onRequestHookHandler): void {
  app.post<{ Body: LogEntry }>(
    "/log",
    {
      onRequest: guard,
      schema: {
        summary: "Append an entry to today's log",
        querystring: noQuery,
        body: logBody,
        response: { 200: answerSchema, 202: waitsSchema },
      },
    },
    async ({ body }, reply) => {
      const answer = await appendLogOrWait(parts, body);
      return reply.code(answer.status === "waits" ? 202 : 200).send(answer);
    },
  );
}

export const logBody = {
  type: "object",
  properties: {
    title: { type: "string", minLength: 3, maxLength: 120, pattern: FORM.line },
    body: { type: "string", maxLength: 12_000, default: "" },
  },
  required: ["title"],
  additionalProperties: false,
} as const;

const waitsSchema = {
  type: "object",
  properties: {
    status: { type: "string", const: "waits" },
    id: { type: "string" },
    at: { type: "string" },
    next: { type: "string" },
  },
} as const;

const answerSchema = {
  type: "object",
  properties: {
    status: { type: "string", const: "written" },
    path: { type: "string" },
    n: { type: "integer" },
    hash: { type: "string" },
    at: { type: "string" },
  },
} as const;
