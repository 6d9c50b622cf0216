import type { FastifyInstance, HTTPMethods } from "fastify";
import { z } from "zod";
import { RagError } from "./errors.ts";

const METHODS: readonly HTTPMethods[] = ["GET", "POST"];

/** Makes every refusal of the service, Fastify's own included, answer `{ error: { code, message, next } }`. */
export function installErrorAnswers(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const refusal = toRagError(error);
    if (refusal.status >= 500) request.log.error({ err: error }, "request failed");
    return reply.code(refusal.status).send(refusal.toBody());
  });
  app.setNotFoundHandler((request, reply) => {
    const [url = request.url] = request.url.split("?");
    const allowed = METHODS.filter((method) => app.hasRoute({ method, url }));
    const refusal =
      allowed.length === 0
        ? new RagError("MUSTER_RAG_ROUTE_UNKNOWN", `There is no route ${url}.`)
        : new RagError("MUSTER_RAG_METHOD_REFUSED", `${url} does not answer ${request.method}.`);
    if (allowed.length > 0) void reply.header("allow", allowed.join(", "));
    return reply.code(refusal.status).send(refusal.toBody());
  });
}

const frameworkErrorSchema = z.object({
  statusCode: z.number().optional(),
  validation: z.unknown().optional(),
  message: z.string(),
});

function toRagError(error: unknown): RagError {
  if (error instanceof RagError) return error;
  const known = frameworkErrorSchema.safeParse(error).data;
  if (known?.statusCode === 413) return new RagError("MUSTER_RAG_BODY_TOO_LARGE", "The body is longer than 64 KB.");
  if (known?.statusCode === 415) return new RagError("MUSTER_RAG_MEDIA_REFUSED", "The body is not declared as JSON.");
  if (known?.statusCode === 400) return new RagError("MUSTER_RAG_INPUT_INVALID", `${describeValidation(known)}.`);
  return new RagError("MUSTER_RAG_INTERNAL", "The service failed at this request; the fault is ours.");
}

const validationSchema = z.array(
  z.object({
    instancePath: z.string(),
    message: z.string().default("is not valid"),
    params: z.object({ additionalProperty: z.string().optional() }),
  }),
);

function describeValidation(error: z.infer<typeof frameworkErrorSchema>): string {
  const first = validationSchema.safeParse(error.validation).data?.[0];
  if (first === undefined) return error.message;
  const unknownField = first.params.additionalProperty;
  if (unknownField !== undefined) return `The field "${unknownField}" is unknown`;
  const field = first.instancePath.slice(1);
  return field === "" ? `The request ${first.message}` : `The field "${field}" ${first.message}`;
}
