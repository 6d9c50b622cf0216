import type { FastifyInstance } from "fastify";
import { RagError } from "../errors.ts";
import { isOpenRoute } from "./open-routes.ts";

/** Seconds after which a refused caller may come back: a search takes milliseconds. */
const RETRY_AFTER_S = 1;

/** Refuses work with 429 while `limit` requests are under way. Health and identity are always answered. */
export function installConcurrencyCap(app: FastifyInstance, limit: number): void {
  const counted = new WeakSet<object>();
  let underWay = 0;
  const free = (request: object): void => {
    if (counted.delete(request)) underWay -= 1;
  };
  app.addHook("onRequest", (request, reply, done) => {
    if (isOpenRoute(request.routeOptions.url)) return done();
    if (underWay >= limit) {
      void reply.header("retry-after", RETRY_AFTER_S);
      return done(new RagError("MUSTER_RAG_BUSY", `${limit} requests are under way.`));
    }
    underWay += 1;
    counted.add(request);
    // A caller that hangs up gets no answer, and Fastify runs no hook for it.
    reply.raw.once("close", () => free(request));
    done();
  });
  app.addHook("onResponse", (request, _reply, done) => {
    free(request);
    done();
  });
}
