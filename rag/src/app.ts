import type { IdentityConfig } from "@muster/board/identity";
import Fastify, { type FastifyInstance, type FastifyServerOptions } from "fastify";
import type { Library } from "./library.ts";
import { installErrorAnswers } from "./refusals.ts";
import { requireBearer } from "./require-bearer.ts";
import { healthRoute } from "./routes/health.ts";
import { identityRoute } from "./routes/identity.ts";
import { searchRoute } from "./routes/search.ts";
import { statsRoute } from "./routes/stats.ts";
import { syncRoute } from "./routes/sync.ts";

export interface AppParts {
  readonly library: Library;
  readonly identity: IdentityConfig;
  /** Bearer key of the POST routes; null leaves them open (loopback without a key file). */
  readonly apiKey: string | null;
  /** What `GET /stats` says of the vector index. */
  readonly vectorBackend: string;
  /** Fastify's own; default: no log. */
  readonly logger?: FastifyServerOptions["logger"];
}

/** 16 KB: a query is at most 2,000 characters, and no other body exists. */
const BODY_LIMIT_BYTES = 16_384;

/** Builds the service without listening, so that a test can inject requests. Closing it is the caller's duty. */
export function buildApp(parts: AppParts): FastifyInstance {
  const app = Fastify({
    logger: parts.logger ?? false,
    bodyLimit: BODY_LIMIT_BYTES,
    // Fastify's default deletes unknown fields and converts types: a misspelt filter would be ignored in silence.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  });
  app.removeContentTypeParser("text/plain");
  app.addHook("onRequest", (request, reply, done) => {
    void reply.header("x-request-id", request.id).header("cache-control", "no-store");
    done();
  });
  installErrorAnswers(app);
  const guard = requireBearer(parts.apiKey);
  healthRoute(app, parts);
  identityRoute(app, parts);
  statsRoute(app, parts);
  searchRoute(app, parts.library, guard);
  syncRoute(app, parts.library, guard);
  return app;
}
