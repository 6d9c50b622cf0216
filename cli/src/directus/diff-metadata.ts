import { isDeepStrictEqual } from "node:util";
import type { CollectionFile, DirectusData, FieldData } from "./data-schema.ts";
import type { Meta, MetadataState } from "./metadata-state.ts";

/** One thing in Directus that is not as the data says. */
export interface MetadataChange {
  readonly kind: "folder" | "collection" | "field" | "relation";
  /** "os_tasks", or "os_tasks.title". */
  readonly collection: string;
  readonly field: string | null;
  /** absent: Directus lacks the thing itself; for a collection or relation that is a table or foreign key that migrations make. */
  readonly state: "absent" | "differs";
  /** Whole meta that shall hold. */
  readonly meta: Meta;
  /** Names of the differing meta keys; empty when absent. */
  readonly keys: readonly string[];
}

/** Special of a field that exists only in Directus. */
const ALIAS_SPECIALS: readonly string[] = ["alias", "o2m"];

/** Whether a field lives only in Directus's metadata: a form group, a notice, or the list side of a relation. */
export function isAlias(field: FieldData): boolean {
  return field.special?.some((special) => ALIAS_SPECIALS.includes(special)) ?? false;
}

/** Everything that `ensureMetadata` would change, in the order in which it would. Pure. Keys that the data does not name are ignored. */
export function diffMetadata(
  state: MetadataState,
  data: Pick<DirectusData, "collections" | "folders">,
): readonly MetadataChange[] {
  const folders = data.folders.map(({ collection, meta }) =>
    change("folder", collection, null, state.collections.get(collection)?.meta, meta),
  );
  return [...folders, ...data.collections.flatMap((file) => diffCollection(state, file))].filter(
    (found) => found !== null,
  );
}

function diffCollection(state: MetadataState, file: CollectionFile): readonly (MetadataChange | null)[] {
  const { collection } = file;
  const known = state.collections.get(collection);
  return [
    change("collection", collection, null, known?.hasTable === true ? known.meta : undefined, file.meta),
    ...file.fields.map(({ field, ...meta }, index) =>
      change("field", collection, field, state.fields.get(`${collection}.${field}`), { ...meta, sort: index + 1 }),
    ),
    ...file.relations.map(({ field, meta }) =>
      change("relation", collection, field, state.relations.get(`${collection}.${field}`), meta),
    ),
  ];
}

function change(
  kind: MetadataChange["kind"],
  collection: string,
  field: string | null,
  current: Meta | null | undefined,
  meta: Meta,
): MetadataChange | null {
  if (current === undefined) return { kind, collection, field, state: "absent", meta, keys: [] };
  const keys = Object.keys(meta).filter((key) => !isDeepStrictEqual(current?.[key], meta[key]));
  return keys.length === 0 ? null : { kind, collection, field, state: "differs", meta, keys };
}
