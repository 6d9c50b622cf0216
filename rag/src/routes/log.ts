import type { LogEntry } from "@muster/board/log-chain";
import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { Library } from "../library.ts";
import { appendLog } from "../log/append-log.ts";
import { FORM } from "../memory/memory-form.ts";
import { noQuery } from "./no-query.ts";

/** `POST /log`: appends an entry to today's file and to the hash chain, then indexes it. */
export function logRoute(app: FastifyInstance, library: Library, folder: string, guard: onRequestHookHandler): void {
  app.post<{ Body: LogEntry }>(
    "/log",
    {
      onRequest: guard,
      schema: {
        summary: "Append an entry to today's log",
        querystring: noQuery,
        body: logBody,
        response: { 200: answerSchema },
      },
    },
    async ({ body }) => {
      const appended = await appendLog(folder, body);
      await library.sync();
      return appended;
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

const answerSchema = {
  type: "object",
  properties: {
    path: { type: "string" },
    n: { type: "integer" },
    hash: { type: "string" },
    at: { type: "string" },
  },
} as const;
