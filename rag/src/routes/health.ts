import type { FastifyInstance } from "fastify";
import type { AppParts } from "../app.ts";
import { noQuery } from "./no-query.ts";

/** `GET /health`: open to everybody, never asks for a key. Looks at the disk for every answer. */
export function healthRoute(app: FastifyInstance, { library, identity }: AppParts): void {
  app.get("/health", { schema: { querystring: noQuery, response: { 200: healthSchema } } }, async () => {
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
  });
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
