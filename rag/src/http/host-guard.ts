import type { FastifyInstance } from "fastify";
import { RagError } from "../errors.ts";

const LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]", "::1"];

/**
 * Refuses a request whose Host, or Origin where there is one, is a name that the service does not go by: a web page that points its
 * own name at 127.0.0.1 gets nothing (DNS rebinding). Ports are not compared.
 */
export function installHostGuard(app: FastifyInstance, allowedHosts: readonly string[]): void {
  const allowed = new Set([...LOOPBACK_NAMES, ...allowedHosts].map((name) => name.toLowerCase()));
  app.addHook("onRequest", (request, _reply, done) => {
    const origin = request.headers.origin;
    const names = [hostOf(`http://${request.headers.host ?? ""}`), ...(origin === undefined ? [] : [hostOf(origin)])];
    const stranger = names.find((name) => name === null || !allowed.has(name));
    if (stranger === undefined) done();
    else done(new RagError("MUSTER_RAG_HOST_REFUSED", "The Host or Origin header names an address that is not ours."));
  });
}

function hostOf(url: string): string | null {
  try {
    return new URL(url).hostname.toLowerCase();
  } catch {
    // A header that is no address is nobody's name.
    return null;
  }
}
