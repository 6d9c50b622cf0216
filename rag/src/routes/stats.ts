import type { FastifyInstance, onRequestHookHandler } from "fastify";
import type { AppParts } from "../app.ts";
import { COLLECTIONS, SKIP_REASONS, type SkippedFile, type SkipReason } from "../corpus/document.ts";
import { noQuery } from "./no-query.ts";
import { countsSchema, describeWrites } from "./writes.ts";

/** `GET /stats`: counts, what was skipped and why, and which index answers. */
export function statsRoute(
  app: FastifyInstance,
  { library, identity, vectorBackend, waiting }: AppParts,
  guard: onRequestHookHandler,
): void {
  app.get(
    "/stats",
    {
      onRequest: guard,
      schema: {
        summary: "Counts, skipped files, and which index answers",
        querystring: noQuery,
        response: { 200: statsSchema },
      },
    },
    async () => {
      const state = await library.state();
      return {
        documents: { on_disk: state.onDisk, indexed: state.indexed },
        chunks: state.chunks,
        collections: Object.fromEntries(COLLECTIONS.map((name) => [name, library.countOf(name)])),
        skipped: state.skipped,
        skipped_by_reason: countBy(SKIP_REASONS, state.skipped),
        odd_files: state.oddities,
        last_sync_at: state.lastSyncAt,
        kept: describeKept(library),
        lexical: { ranking: "BM25F", terms: state.terms, active: true },
        vector: describeVectors(library, vectorBackend),
        writes: describeWrites(await waiting?.counts()),
        rss_mb: Math.round(process.memoryUsage.rss() / 1_048_576),
        started_at: identity.started,
      };
    },
  );
}

/** `index` says what answers now: few vectors are all compared; many are too where `hnswlib` says that there is no graph here. */
function describeVectors(library: AppParts["library"], hnswlib: string): object {
  const facts = library.vectors();
  if (facts === null || facts.model === null) {
    return {
      index: hnswlib,
      active: false,
      because: `The model is ${facts?.state ?? "switched off"}: search by words only.`,
    };
  }
  const { index, model, dims, vectors, pending, oldestPendingMs, embedded, failure, notKept, damage, refusal } = facts;
  return {
    index,
    hnswlib,
    active: true,
    model,
    dims,
    vectors,
    pending,
    oldest_pending_ms: oldestPendingMs,
    embedded,
    trouble: failure ?? notKept ?? damage,
    refusal,
  };
}

function describeKept(library: AppParts["library"]): object {
  const kept = library.kept();
  if (kept === null) return { on_disk: false, generation: 0, recoveries: [], failure: null };
  return { on_disk: true, generation: kept.generation, recoveries: kept.recoveries, failure: kept.failure };
}

function countBy(reasons: readonly SkipReason[], files: readonly SkippedFile[]): Record<string, number> {
  return Object.fromEntries(reasons.map((reason) => [reason, files.filter((file) => file.reason === reason).length]));
}

const counts = { type: "object", additionalProperties: { type: "integer" } } as const;

const statsSchema = {
  type: "object",
  properties: {
    documents: { type: "object", properties: { on_disk: { type: "integer" }, indexed: { type: "integer" } } },
    chunks: { type: "integer" },
    collections: counts,
    skipped: {
      type: "array",
      items: { type: "object", properties: { path: { type: "string" }, reason: { type: "string" } } },
    },
    skipped_by_reason: counts,
    odd_files: counts,
    last_sync_at: { type: ["string", "null"] },
    kept: {
      type: "object",
      properties: {
        on_disk: { type: "boolean" },
        generation: { type: "integer" },
        recoveries: { type: "array", items: { type: "string" } },
        failure: { type: ["string", "null"] },
      },
    },
    lexical: {
      type: "object",
      properties: { ranking: { type: "string" }, terms: { type: "integer" }, active: { type: "boolean" } },
    },
    vector: {
      type: "object",
      properties: {
        index: { type: "string" },
        hnswlib: { type: "string" },
        active: { type: "boolean" },
        because: { type: "string" },
        model: { type: "string" },
        dims: { type: "integer" },
        vectors: { type: "integer" },
        pending: { type: "integer" },
        oldest_pending_ms: { type: "integer" },
        embedded: { type: "integer" },
        trouble: { type: ["string", "null"] },
        refusal: { type: ["string", "null"] },
      },
    },
    writes: countsSchema,
    rss_mb: { type: "integer" },
    started_at: { type: "string" },
  },
} as const;
