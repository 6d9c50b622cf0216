import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { Library, SyncResult } from "../library.ts";
import { noQuery } from "./no-query.ts";

/** `POST /index/sync`: reads the files again now. Idempotent: `changed` is false when nothing on disk had changed. */
export function syncRoute(app: FastifyInstance, library: Library, guard: onRequestHookHandler): void {
  app.post(
    "/index/sync",
    {
      onRequest: guard,
      // The route takes no field, so an absent body is as good as an empty object.
      preValidation: (request, _reply, done) => {
        request.body ??= {};
        done();
      },
      schema: {
        summary: "Read the files again now",
        querystring: noQuery,
        body: noQuery,
        response: { 200: syncAnswerSchema },
      },
    },
    async () => toSyncAnswer(await library.sync()),
  );
}

export function toSyncAnswer({ tookMs, ...result }: SyncResult): object {
  return { ...result, took_ms: tookMs };
}

export const syncAnswerSchema = {
  type: "object",
  properties: {
    changed: { type: "boolean" },
    documents: { type: "integer" },
    chunks: { type: "integer" },
    skipped: { type: "integer" },
    took_ms: { type: "integer" },
  },
} as const;
