import { createHash, timingSafeEqual } from "node:crypto";
import type { onRequestHookHandler } from "fastify";
import { RagError } from "./errors.ts";

/**
 * A hook that refuses a request without the service key. `null` lets everybody in: a loopback bind without a key file.
 * Both sides are hashed first, so the comparison takes the same time whatever the length or content of the guess.
 */
export function requireBearer(apiKey: string | null): onRequestHookHandler {
  const expected = apiKey === null ? null : digest(apiKey);
  return (request, _reply, done) => {
    const given = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (expected === null || timingSafeEqual(digest(given), expected)) done();
    else done(new RagError("MUSTER_RAG_UNAUTHORIZED", "This route needs the key of the search service."));
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
