import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { LoadedModel } from "../embedding/embedder.ts";
import type { Library } from "../library.ts";
import { noQuery } from "./no-query.ts";

/**
 * `POST /model/reload`: reads again which model was chosen, proves it, and embeds with it from now on. A model that fails its proof changes nothing but what
 * health says; the answer says why.
 */
export function modelRoute(
  app: FastifyInstance,
  library: Library,
  loadModel: () => Promise<LoadedModel>,
  guard: onRequestHookHandler,
): void {
  let loading: Promise<void> | null = null;
  const reload = async (): Promise<void> => library.useModel(await loadModel());
  app.post(
    "/model/reload",
    {
      onRequest: guard,
      preValidation: (request, _reply, done) => {
        request.body ??= {};
        done();
      },
      schema: {
        summary: "Embed with the model that is chosen now",
        querystring: noQuery,
        body: noQuery,
        response: { 200: answerSchema },
      },
    },
    async () => {
      loading ??= reload().finally(() => {
        loading = null;
      });
      await loading;
      const { model, state, refusal, dims } = library.vectors() ?? {
        model: null,
        state: "missing",
        refusal: null,
        dims: 0,
      };
      return { model, state, refusal, dims };
    },
  );
}

const answerSchema = {
  type: "object",
  properties: {
    model: { type: ["string", "null"] },
    state: { type: "string" },
    refusal: { type: ["string", "null"] },
    dims: { type: "integer" },
  },
} as const;
