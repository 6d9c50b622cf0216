/** Roles, policies and permissions under the fixed ids of directus/ids.json. What others made in Directus is left alone. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { DirectusClient } from "./client.ts";
import type { DirectusData } from "./data-schema.ts";

type AccessData = Pick<DirectusData, "ids" | "roles">;

interface AccessRecord {
  readonly path: string;
  readonly id: string;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Grant {
  readonly policy: string;
  readonly collection: string;
  readonly action: string;
}

const permissionRow = z.object({
  id: z.int(),
  policy: z.string(),
  collection: z.string(),
  action: z.string(),
  fields: z.array(z.string()).nullable(),
});
const withId = z.looseObject({ id: z.string() });

export interface AccessDiff {
  /** Roles, policies and links that are absent or differ. */
  readonly records: readonly AccessRecord[];
  readonly missing: readonly Grant[];
  /** Permission rows of our policies that the data does not grant: somebody widened or narrowed them by hand. */
  readonly surplus: readonly number[];
}

/** The free tier accepts whole rows only, and a null in `fields` counts as a custom rule. */
const WHOLE_ROW = { fields: ["*"], permissions: {}, validation: null, presets: null };
/** MAX_BATCH_MUTATION refuses more in one request. */
const BATCH = 20;

/** Compares; changes nothing. */
export async function diffAccess(client: DirectusClient, data: AccessData): Promise<AccessDiff> {
  const records: AccessRecord[] = [];
  for (const record of recordsOf(data)) {
    if (!(await isAsWanted(client, record))) records.push(record);
  }
  const ours = Object.values(data.ids.policies);
  const params = {
    filter: { policy: { _in: ours } },
    limit: -1,
    fields: ["id", "policy", "collection", "action", "fields"],
  };
  const rows = z.array(permissionRow).parse(await client.request("GET", "/permissions", { params }));
  const wanted = new Map(grantsOf(data).map((grant) => [nameOf(grant), grant]));
  const isWanted = (row: z.infer<typeof permissionRow>) =>
    wanted.has(nameOf(row)) && isDeepStrictEqual(row.fields, ["*"]);
  const held = new Set(rows.filter(isWanted).map(nameOf));
  return {
    records,
    missing: [...wanted].filter(([name]) => !held.has(name)).map(([, grant]) => grant),
    surplus: rows.filter((row) => !isWanted(row)).map((row) => row.id),
  };
}

/** Makes roles, policies and grants what the data says, and takes back grants of our policies that it does not name. */
export async function ensureAccess(client: DirectusClient, data: AccessData): Promise<{ readonly changed: number }> {
  const diff = await diffAccess(client, data);
  for (const { path, id, body } of diff.records) {
    if (await exists(client, path, id)) await client.request("PATCH", `/${path}/${id}`, { body });
    else await client.request("POST", `/${path}`, { body: { id, ...body } });
  }
  // Narrow before widening: at no moment holds a policy more than before and after.
  for (const ids of batches(diff.surplus)) await client.request("DELETE", "/permissions", { body: ids });
  for (const grants of batches(diff.missing)) {
    await client.request("POST", "/permissions", { body: grants.map((grant) => ({ ...grant, ...WHOLE_ROW })) });
  }
  return { changed: diff.records.length + diff.missing.length + diff.surplus.length };
}

function recordsOf({ ids, roles }: AccessData): readonly AccessRecord[] {
  return [
    ...roles.policies.map(({ key, grants: _, ...body }) => ({
      path: "policies",
      id: ids.policies[key],
      body: { ...body, admin_access: false, enforce_tfa: false },
    })),
    ...roles.roles.map(({ key, policy: _, ...body }) => ({ path: "roles", id: ids.roles[key], body })),
    ...roles.roles.map(({ key, policy }) => ({
      path: "access",
      id: ids.access[key],
      body: { role: ids.roles[key], policy: ids.policies[policy] },
    })),
  ];
}

function grantsOf({ ids, roles }: AccessData): readonly Grant[] {
  return roles.policies.flatMap(({ key, grants }) =>
    grants.flatMap(({ actions, collections }) =>
      collections.flatMap((collection) => actions.map((action) => ({ policy: ids.policies[key], collection, action }))),
    ),
  );
}

function nameOf({ policy, collection, action }: Grant): string {
  return `${policy} ${action} ${collection}`;
}

async function fetchRecord(client: DirectusClient, path: string, id: string) {
  const params = { filter: { id: { _eq: id } }, limit: 1 };
  return z.array(withId).parse(await client.request("GET", `/${path}`, { params }))[0];
}

async function exists(client: DirectusClient, path: string, id: string): Promise<boolean> {
  return (await fetchRecord(client, path, id)) !== undefined;
}

async function isAsWanted(client: DirectusClient, { path, id, body }: AccessRecord): Promise<boolean> {
  const current = await fetchRecord(client, path, id);
  return current !== undefined && Object.entries(body).every(([key, value]) => isDeepStrictEqual(current[key], value));
}

function batches<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) => items.slice(i * BATCH, (i + 1) * BATCH));
}
