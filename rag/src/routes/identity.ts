import { answerIdentity, IDENTITY_PATH } from "@muster/board/identity";
import type { FastifyInstance } from "fastify";
import type { AppParts } from "../app.ts";
import type { Degradation } from "../library-state.ts";

/**
 * States in which the service cannot do its work. A stale index heals itself at the next sync, and a skipped file is a
 * fault of that file: `GET /health` names them, the identity does not.
 */
const DISABLING: ReadonlySet<Degradation> = new Set(["index_missing", "memory_unreadable", "log_unreadable"]);

/** `GET /.well-known/muster/identity?nonce=…`: proves which instance and service answers on this port. */
export function identityRoute(app: FastifyInstance, { library, identity }: AppParts): void {
  app.get<{ Querystring: { nonce?: unknown } }>(
    IDENTITY_PATH,
    {
      schema: {
        summary: "Prove which instance answers",
        querystring: { type: "object", properties: { nonce: {} }, additionalProperties: false },
      },
    },
    async (request, reply) => {
      const { reasons } = await library.state();
      const disabling = reasons.filter((reason) => DISABLING.has(reason));
      const answer = answerIdentity(identity, request.query.nonce, {
        state: disabling.length === 0 ? "OK" : "DEGRADED",
        reasons: disabling,
      });
      return reply.code(answer.status).send(answer.body);
    },
  );
}
