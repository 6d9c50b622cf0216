import type { IdentityConfig } from "@muster/board/identity";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import type { LoadedModel } from "./embedding/embedder.ts";
import { installConcurrencyCap } from "./http/concurrency-cap.ts";
import { installHostGuard } from "./http/host-guard.ts";
import { metricsRoute } from "./http/metrics.ts";
import { collectOpenApi, openApiRoute } from "./http/openapi.ts";
import type { Library } from "./library.ts";
import { mcpRoute } from "./mcp/mcp-route.ts";
import type { OutsideSource } from "./outside-source.ts";
import { installErrorAnswers } from "./refusals.ts";
import { requireBearer } from "./require-bearer.ts";
import { documentRoute } from "./routes/document.ts";
import { healthRoute } from "./routes/health.ts";
import { identityRoute } from "./routes/identity.ts";
import { logRoute } from "./routes/log.ts";
import { memoryRoute } from "./routes/memory.ts";
import { modelRoute } from "./routes/model.ts";
import { searchRoute } from "./routes/search.ts";
import { statsRoute } from "./routes/stats.ts";
import { syncRoute } from "./routes/sync.ts";
import { upkeepRoutes } from "./routes/upkeep.ts";
import { writesRoutes } from "./routes/writes.ts";
import type { WaitingWrites } from "./waiting/waiting-writes.ts";

export interface AppParts {
  readonly library: Library;
  readonly identity: IdentityConfig;
  /** Sources that are no folder; health asks each how it stands. */
  readonly sources?: readonly OutsideSource[];
  /** Bearer key of the POST routes; null leaves them open (loopback without a key file). */
  readonly apiKey: string | null;
  /** True when no other machine can reach the service; else every route but health and identity asks for the key. */
  readonly isLoopback?: boolean;
  /** Where memory and log are written. */
  readonly memoryDir: string;
  readonly logDir: string;
  /** Where a write waits that the service may not carry out; default: such a write is refused. */
  readonly waiting?: WaitingWrites | null;
  readonly allowedHosts?: readonly string[];
  /** Requests that may be under way at once. Default 32. */
  readonly concurrency?: number;
  /** Loads the model that is chosen now. */
  readonly loadModel: () => Promise<LoadedModel>;
  /** What `GET /stats` says of the vector index. */
  readonly vectorBackend: string;
  /** Fastify's own; default: no log. */
  readonly logger?: FastifyServerOptions["logger"];
}

/** 64 KB: the longest memory is 12,000 characters, which JSON may write as four bytes each. */
const BODY_LIMIT_BYTES = 65_536;

/** 32: a search takes milliseconds, so more at once is a caller that does not wait. */
const DEFAULT_CONCURRENCY = 32;

/** Builds the service without listening, so that a test can inject requests. Closing it is the caller's duty. */
export function buildApp(parts: AppParts): FastifyInstance {
  const app = Fastify({
    logger: parts.logger ?? false,
    bodyLimit: BODY_LIMIT_BYTES,
    // Fastify's default deletes unknown fields and converts types: a misspelt filter would be ignored in silence.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  });
  app.removeContentTypeParser("text/plain");
  const renderOpenApi = collectOpenApi(app, parts.identity.version);
  app.addHook("onRequest", (request, reply, done) => {
    void reply.header("x-request-id", request.id).header("cache-control", "no-store");
    done();
  });
  installErrorAnswers(app);
  installHostGuard(app, parts.allowedHosts ?? []);
  installConcurrencyCap(app, parts.concurrency ?? DEFAULT_CONCURRENCY);
  const guard = requireBearer(parts.apiKey);
  const readGuard = requireBearer(parts.isLoopback === false ? parts.apiKey : null);
  healthRoute(app, parts);
  identityRoute(app, parts);
  statsRoute(app, parts, readGuard);
  metricsRoute(app, parts, readGuard);
  openApiRoute(app, renderOpenApi, readGuard);
  searchRoute(app, parts, guard);
  documentRoute(app, parts, guard);
  syncRoute(app, parts.library, guard);
  upkeepRoutes(app, parts.library, guard);
  modelRoute(app, parts.library, parts.loadModel, guard);
  memoryRoute(app, parts, guard);
  logRoute(app, parts, guard);
  writesRoutes(app, parts.waiting ?? null, guard);
  mcpRoute(app, { ...parts, version: parts.identity.version }, guard);
  return app;
}
