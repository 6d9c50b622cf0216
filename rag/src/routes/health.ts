import type { FastifyInstance } from "fastify";
import type { AppParts } from "../app.ts";
import { reportHealth } from "../health-report.ts";
import { noQuery } from "./no-query.ts";
import { countsSchema, describeWrites } from "./writes.ts";

/** The form of the answer of `/health`; fields are added, never removed. */
const SCHEMA = 1;
const MEGABYTE = 1_048_576;

/** `GET /health` and `/health/ready`: open to everybody, never ask for a key. They look at the disk for every answer. */
export function healthRoute(app: FastifyInstance, parts: AppParts): void {
  const { library, identity } = parts;
  app.get(
    "/health",
    { schema: { summary: "What is true now", querystring: noQuery, response: { 200: healthSchema } } },
    async () => {
      const { state, sources, writes, reasons } = await reportHealth(parts);
      const facts = library.vectors();
      const kept = library.kept();
      return {
        service: identity.service,
        schema: SCHEMA,
        version: identity.version,
        instance: identity.instance,
        pid: process.pid,
        boot: identity.boot,
        started_at: identity.started,
        uptime_s: Math.round(process.uptime()),
        status: reasons.length === 0 ? "ok" : "degraded",
        reasons,
        documents: { on_disk: state.onDisk, indexed: state.indexed },
        chunks: state.chunks,
        last_sync_at: state.lastSyncAt,
        watcher: state.watcher,
        model: { id: facts?.model ?? null, state: facts?.state ?? "off", dims: facts?.dims ?? 0 },
        vectors: {
          held: facts?.vectors ?? 0,
          index: describeIndex(facts?.index, parts.vectorBackend),
          pending: facts?.pending ?? 0,
          oldest_pending_ms: facts?.oldestPendingMs ?? 0,
        },
        kept: { on_disk: kept !== null, generation: kept?.generation ?? 0, failure: kept?.failure ?? null },
        sources: sources.map(({ name, reachable, cursorLagMs, documents }) => ({
          name,
          reachable,
          cursor_lag_ms: cursorLagMs,
          documents,
        })),
        writes: describeWrites(writes),
        rss_mb: Math.round(process.memoryUsage.rss() / MEGABYTE),
      };
    },
  );
  app.get(
    "/health/ready",
    { schema: { summary: "200 when a search can be answered, else 503", querystring: noQuery } },
    async (_request, reply) => {
      const { reasons } = await reportHealth(parts);
      const ready = !reasons.includes("index_missing");
      return reply.code(ready ? 200 : 503).send({ ready, reasons });
    },
  );
}

/** A machine without `hnswlib-node` says so: there it stays exact however many vectors there are. */
function describeIndex(index: "exact" | "hnsw" | undefined, backend: string): string {
  if (index === "hnsw") return index;
  return backend === "hnswlib-node" ? "exact" : backend;
}

const text = { type: "string" } as const;
const whole = { type: "integer" } as const;
const maybeText = { type: ["string", "null"] } as const;

const healthSchema = {
  type: "object",
  properties: {
    service: text,
    schema: whole,
    version: text,
    instance: text,
    pid: whole,
    boot: text,
    started_at: text,
    uptime_s: whole,
    status: { type: "string", enum: ["ok", "degraded"] },
    reasons: { type: "array", items: text },
    documents: { type: "object", properties: { on_disk: whole, indexed: whole } },
    chunks: whole,
    last_sync_at: maybeText,
    watcher: { type: "string", enum: ["alive", "dead", "off"] },
    model: {
      type: "object",
      properties: {
        id: maybeText,
        state: { type: "string", enum: ["verified", "missing", "unverified", "off"] },
        dims: whole,
      },
    },
    vectors: { type: "object", properties: { held: whole, index: text, pending: whole, oldest_pending_ms: whole } },
    kept: { type: "object", properties: { on_disk: { type: "boolean" }, generation: whole, failure: maybeText } },
    sources: {
      type: "array",
      items: {
        type: "object",
        properties: {
          name: text,
          reachable: { type: "boolean" },
          cursor_lag_ms: { type: ["integer", "null"] },
          documents: whole,
        },
      },
    },
    writes: countsSchema,
    rss_mb: whole,
  },
} as const;
