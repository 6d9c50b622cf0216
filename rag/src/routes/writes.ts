import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { Outcome } from "../waiting/waiting-write.ts";
import type { WaitingCounts, WaitingWrites } from "../waiting/waiting-writes.ts";
import { noQuery } from "./no-query.ts";

/** `GET /writes` and `POST /writes/outcomes`: for whoever owns the files that the service may not write. */
export function writesRoutes(app: FastifyInstance, waiting: WaitingWrites | null, guard: onRequestHookHandler): void {
  app.get(
    "/writes",
    {
      onRequest: guard,
      schema: {
        summary: "Writes that were accepted and are in no file yet, and those that were refused",
        querystring: noQuery,
        response: { 200: listSchema },
      },
    },
    async () => (await waiting?.list()) ?? { waiting: [], refused: [] },
  );
  app.post<{ Body: { outcomes: readonly Outcome[] } }>(
    "/writes/outcomes",
    {
      onRequest: guard,
      schema: {
        summary: "Say what became of waiting writes: taken, refused, or a refusal that may be forgotten",
        querystring: noQuery,
        body: outcomesBody,
        response: { 200: countsSchema },
      },
    },
    async ({ body }) => {
      await waiting?.settle(body.outcomes);
      return describeWrites(await waiting?.counts());
    },
  );
}

/** As `GET /health` and `GET /stats` say it. */
export function describeWrites(counts: WaitingCounts | null | undefined): object {
  const { waiting = 0, oldestMs = 0, refused = 0 } = counts ?? {};
  return { waiting, oldest_waiting_ms: oldestMs, refused };
}

export const countsSchema = {
  type: "object",
  properties: {
    waiting: { type: "integer" },
    oldest_waiting_ms: { type: "integer" },
    refused: { type: "integer" },
  },
} as const;

const text = { type: "string" } as const;
const texts = { type: "array", items: text } as const;
const maybeText = { type: ["string", "null"] } as const;
const writeProperties = {
  id: text,
  at: text,
  write: {
    type: "object",
    properties: {
      kind: { type: "string", enum: ["memory", "log"] },
      path: text,
      title: text,
      body: text,
      tags: texts,
      supersedes: texts,
      agent: maybeText,
      date: text,
      if_match: maybeText,
    },
  },
} as const;

const listSchema = {
  type: "object",
  properties: {
    waiting: { type: "array", items: { type: "object", properties: writeProperties } },
    refused: {
      type: "array",
      items: {
        type: "object",
        properties: {
          ...writeProperties,
          refused: { type: "object", properties: { at: text, code: text, message: text } },
        },
      },
    },
  },
} as const;

const id = { type: "string", minLength: 1, maxLength: 40 } as const;

const outcomesBody = {
  type: "object",
  properties: {
    outcomes: {
      type: "array",
      maxItems: 400,
      items: {
        oneOf: [
          {
            type: "object",
            properties: { id, outcome: { type: "string", enum: ["taken", "forgotten"] } },
            required: ["id", "outcome"],
            additionalProperties: false,
          },
          {
            type: "object",
            properties: {
              id,
              outcome: { type: "string", const: "refused" },
              code: { type: "string", minLength: 1, maxLength: 60 },
              message: { type: "string", minLength: 1, maxLength: 500 },
            },
            required: ["id", "outcome", "code", "message"],
            additionalProperties: false,
          },
        ],
      },
    },
  },
  required: ["outcomes"],
  additionalProperties: false,
} as const;
