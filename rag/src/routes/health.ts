import type { FastifyInstance } from "fastify";
import type { AppParts } from "../app.ts";
import { noQuery } from "./no-query.ts";

/** `GET /health` and `/health/ready`: open to everybody, never ask for a key. They look at the disk for every answer. */
export function healthRoute(app: FastifyInstance, { library, identity }: AppParts): void {
  app.get(
    "/health",
    { schema: { summary: "What is true now", querystring: noQuery, response: { 200: healthSchema } } },
    async () => {
      const state = await library.state();
      return {
        service: identity.service,
        version: identity.version,
        instance: identity.instance,
        status: state.reasons.length === 0 ? "ok" : "degraded",
        reasons: state.reasons,
        documents: { on_disk: state.onDisk, indexed: state.indexed },
        chunks: state.chunks,
        last_sync_at: state.lastSyncAt,
      };
    },
  );
  app.get(
    "/health/ready",
    { schema: { summary: "200 when a search can be answered, else 503", querystring: noQuery } },
    async (_request, reply) => {
      const { reasons } = await library.state();
      const ready = !reasons.includes("index_missing");
      return reply.code(ready ? 200 : 503).send({ ready, reasons });
    },
  );
}

const healthSchema = {
  type: "object",
  properties: {
    service: { type: "string" },
    version: { type: "string" },
    instance: { type: "string" },
    status: { type: "string", enum: ["ok", "degraded"] },
    reasons: { type: "array", items: { type: "string" } },
    documents: { type: "object", properties: { on_disk: { type: "integer" }, indexed: { type: "integer" } } },
    chunks: { type: "integer" },
    last_sync_at: { type: ["string", "null"] },
  },
} as const;
