import type { FastifyInstance, onRequestHookHandler } from "fastify";
import { RAG_ERRORS } from "../errors.ts";
import { noQuery } from "../routes/no-query.ts";
import { isOpenRoute } from "./open-routes.ts";

declare module "fastify" {
  interface FastifySchema {
    /** One line for the OpenAPI document. */
    summary?: string;
  }
}

interface RouteSchema {
  readonly summary?: string;
  readonly querystring?: { readonly properties?: Readonly<Record<string, object>> };
  readonly params?: { readonly properties?: Readonly<Record<string, object>> };
  readonly body?: object;
  readonly response?: Readonly<Record<string, object>>;
}

/** Collects every route that is added after this call; the answer renders them as an OpenAPI 3.1 document. */
export function collectOpenApi(app: FastifyInstance, version: string): () => object {
  const paths: Record<string, Record<string, object>> = {};
  app.addHook("onRoute", ({ method, url, schema }) => {
    for (const verb of [method].flat()) {
      if (verb === "HEAD") continue;
      const path = url.replace(/\*$/, "{path}").replace(/:(\w+)/g, "{$1}");
      paths[path] ??= {};
      paths[path][verb.toLowerCase()] = toOperation(url, (schema ?? {}) as RouteSchema);
    }
  });
  return () => ({
    openapi: "3.1.0",
    info: {
      title: "Muster search",
      version,
      description:
        "Memory, log, docs, constitution and board, searched locally. Unknown parameters are refused, not ignored.",
    },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: { Refusal: refusalSchema },
    },
  });
}

function toOperation(url: string, schema: RouteSchema): object {
  const parameters = [
    ...(url.endsWith("*") ? [{ name: "path", in: "path", required: true, schema: { type: "string" } }] : []),
    ...Object.entries(schema.querystring?.properties ?? {}).map(([name, value]) => ({
      name,
      in: "query",
      schema: value,
    })),
  ];
  const answers = Object.entries(schema.response ?? { 200: {} });
  return {
    ...(schema.summary === undefined ? {} : { summary: schema.summary }),
    ...(isOpenRoute(url) ? {} : { security: [{ key: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(schema.body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: schema.body } } } }),
    responses: {
      ...Object.fromEntries(
        answers.map(([status, answer]) => [
          status,
          { description: "The answer.", content: { "application/json": { schema: answer } } },
        ]),
      ),
      default: {
        description: "A refusal: code, message and what to do next.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Refusal" } } },
      },
    },
  };
}

const refusalSchema = {
  type: "object",
  properties: {
    error: {
      type: "object",
      properties: {
        code: { type: "string", enum: Object.keys(RAG_ERRORS) },
        message: { type: "string" },
        next: { type: "string" },
      },
      required: ["code", "message", "next"],
    },
  },
  required: ["error"],
} as const;

/** `GET /openapi.json`: this very document. */
export function openApiRoute(app: FastifyInstance, render: () => object, guard: onRequestHookHandler): void {
  app.get("/openapi.json", { onRequest: guard, schema: { summary: "This document", querystring: noQuery } }, async () =>
    render(),
  );
}
