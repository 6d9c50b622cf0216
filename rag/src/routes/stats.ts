import type { FastifyInstance } from "fastify";
import type { AppParts } from "../app.ts";
import { noQuery } from "./no-query.ts";

/** `GET /stats`: counts, what was skipped and why, and which index answers. */
export function statsRoute(app: FastifyInstance, { library, identity, vectorBackend }: AppParts): void {
  app.get("/stats", { schema: { querystring: noQuery, response: { 200: statsSchema } } }, async () => {
    const state = await library.state();
    return {
      documents: { on_disk: state.onDisk, indexed: state.indexed },
      chunks: state.chunks,
      skipped: state.skipped,
      last_sync_at: state.lastSyncAt,
      lexical: { ranking: "BM25", active: true },
      vector: { index: vectorBackend, active: false, because: "No embedding model is installed: lexical search only." },
      rss_mb: Math.round(process.memoryUsage.rss() / 1_048_576),
      started_at: identity.started,
    };
  });
}

const statsSchema = {
  type: "object",
  properties: {
    documents: { type: "object", properties: { on_disk: { type: "integer" }, indexed: { type: "integer" } } },
    chunks: { type: "integer" },
    skipped: {
      type: "array",
      items: { type: "object", properties: { path: { type: "string" }, reason: { type: "string" } } },
    },
    last_sync_at: { type: ["string", "null"] },
    lexical: { type: "object", properties: { ranking: { type: "string" }, active: { type: "boolean" } } },
    vector: {
      type: "object",
      properties: { index: { type: "string" }, active: { type: "boolean" }, because: { type: "string" } },
    },
    rss_mb: { type: "integer" },
    started_at: { type: "string" },
  },
} as const;
