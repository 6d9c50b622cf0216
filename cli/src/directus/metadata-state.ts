import { z } from "zod";
import type { DirectusClient } from "./client.ts";

const meta = z.record(z.string(), z.unknown()).nullable();
const collectionsAnswer = z.array(z.object({ collection: z.string(), schema: z.unknown(), meta }));
const fieldsAnswer = z.array(z.object({ collection: z.string(), field: z.string(), meta }));
const relationsAnswer = z.array(z.object({ collection: z.string(), field: z.string(), schema: z.unknown(), meta }));

export type Meta = Readonly<Record<string, unknown>>;

/** What Directus knows of the database, with its own meta; null meta: the table, column or key exists and Directus knows no more. */
export interface MetadataState {
  readonly collections: ReadonlyMap<string, { readonly hasTable: boolean; readonly meta: Meta | null }>;
  /** By "collection.field". */
  readonly fields: ReadonlyMap<string, Meta | null>;
  /** By "collection.field"; foreign keys that exist in the database. */
  readonly relations: ReadonlyMap<string, Meta | null>;
}

/** Three requests. Directus caches the schema: after migrations the cache must have been cleared (ensureMetadata does). */
export async function fetchMetadataState(client: DirectusClient): Promise<MetadataState> {
  const collections = collectionsAnswer.parse(await client.request("GET", "/collections"));
  const fields = fieldsAnswer.parse(await client.request("GET", "/fields"));
  const relations = relationsAnswer.parse(await client.request("GET", "/relations"));
  return {
    collections: new Map(collections.map((c) => [c.collection, { hasTable: c.schema !== null, meta: c.meta }])),
    fields: new Map(fields.map((f) => [`${f.collection}.${f.field}`, f.meta])),
    relations: new Map(relations.filter((r) => r.schema !== null).map((r) => [`${r.collection}.${r.field}`, r.meta])),
  };
}
