/**
 * Makes Directus's metadata what the data says, on tables that the migrations made. Directus owns none of those tables: nothing here
 * may create, alter or drop one, so tables and foreign keys are only ever patched, and only their meta. A run that was cut off is
 * completed by the next: every step compares first.
 */
import { CliError } from "../errors/cli-error.ts";
import type { DirectusClient } from "./client.ts";
import type { DirectusData, FieldData } from "./data-schema.ts";
import { diffMetadata, isAlias, type MetadataChange } from "./diff-metadata.ts";
import { fetchMetadataState } from "./metadata-state.ts";

type Metadata = Pick<DirectusData, "collections" | "folders">;

/**
 * Patches what differs and returns how many things did; a second run returns 0.
 * @throws CliError PHASE_FAILED when a table, column or foreign key is missing: run the migrations first.
 */
export async function ensureMetadata(client: DirectusClient, data: Metadata): Promise<{ readonly changed: number }> {
  // Migrations run behind Directus's back: without this it still sees the schema of its start.
  await client.request("POST", "/utils/cache/clear", { params: { system: true } });
  const changes = diffMetadata(await fetchMetadataState(client), data);
  const aliases = aliasesOf(data);
  assertMigrated(changes, aliases);
  const of = (kind: MetadataChange["kind"]) => changes.filter((change) => change.kind === kind);
  for (const change of of("folder")) await applyFolder(client, change);
  const collections = of("collection").map(({ collection, meta }) => ({ collection, meta }));
  if (collections.length > 0) await client.request("PATCH", "/collections", { body: collections });
  for (const [collection, fields] of Map.groupBy(of("field"), (change) => change.collection)) {
    await applyFields(client, collection, fields);
  }
  for (const { collection, field, meta } of of("relation")) {
    await client.request("PATCH", `/relations/${collection}/${field}`, { body: { meta } });
  }
  return { changed: changes.length };
}

async function applyFolder(client: DirectusClient, { collection, meta, state }: MetadataChange): Promise<void> {
  if (state === "absent") await client.request("POST", "/collections", { body: { collection, meta, schema: null } });
  else await client.request("PATCH", `/collections/${collection}`, { body: { meta } });
}

/** Aliases first: a field may name a group, and a relation a list, that must exist. */
async function applyFields(
  client: DirectusClient,
  collection: string,
  changes: readonly MetadataChange[],
): Promise<void> {
  for (const { field, meta, state } of changes) {
    if (state === "absent")
      await client.request("POST", `/fields/${collection}`, { body: { field, type: "alias", meta, schema: null } });
  }
  const patches = changes.filter(({ state }) => state === "differs").map(({ field, meta }) => ({ field, meta }));
  if (patches.length > 0) await client.request("PATCH", `/fields/${collection}`, { body: patches });
}

function aliasesOf(data: Metadata): ReadonlySet<string> {
  const named = (collection: string, field: FieldData) => `${collection}.${field.field}`;
  return new Set(
    data.collections.flatMap(({ collection, fields }) => fields.filter(isAlias).map((f) => named(collection, f))),
  );
}

function assertMigrated(changes: readonly MetadataChange[], aliases: ReadonlySet<string>): void {
  const isOurs = ({ kind, collection, field }: MetadataChange) =>
    kind === "folder" || (kind === "field" && aliases.has(`${collection}.${field}`));
  const missing = changes.filter((change) => change.state === "absent" && !isOurs(change));
  if (missing.length === 0) return;
  const names = missing.map(
    ({ kind, collection, field }) => `${kind} ${collection}${field === null ? "" : `.${field}`}`,
  );
  throw new CliError("PHASE_FAILED", {
    message: `The database lacks what Directus's metadata describes: ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}.`,
    hint: "Run `elk-os migrate`; if it has run, `elk-os doctor` names the dropped object.",
    facts: { missing: names.slice(0, 20) },
  });
}
