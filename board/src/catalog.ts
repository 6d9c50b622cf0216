/**
 * What a migrated database must look like, and how a live one differs. The manifest is written from a migrated test database and
 * committed, so that a dropped key, a disabled trigger, a changed function or a grant too many is named, not guessed.
 */
import { z } from "zod";
import type { Queryable } from "./queryable.ts";
import { loadQuery, readManifest } from "./sql-files.ts";

/** Kinds in the order in which they are reported: [one of them, many of them] in a sentence. */
export const CATALOG_KINDS = {
  relations: ["Relation", "tables, views and sequences"],
  columns: ["Column", "columns"],
  "foreign-keys": ["Foreign key", "foreign keys"],
  checks: ["Check", "check constraints"],
  indexes: ["Index", "indexes"],
  triggers: ["Trigger", "triggers"],
  functions: ["Function", "functions"],
  grants: ["Grant", "grants"],
  memberships: ["Membership", "role memberships"],
} as const;
export type CatalogKind = keyof typeof CATALOG_KINDS;

const Properties = z.record(z.string(), z.json());
const Rows = z.array(z.object({ key: z.string(), value: Properties }));
const Objects = z.record(z.string(), Properties);
const KindSchema = z.enum([
  "relations",
  "columns",
  "foreign-keys",
  "checks",
  "indexes",
  "triggers",
  "functions",
  "grants",
  "memberships",
]);
const CatalogSchema = z.record(KindSchema, Objects);
/** Properties by object name by kind. */
export type Catalog = Readonly<z.infer<typeof CatalogSchema>>;

export interface CatalogKindDiff {
  readonly kind: CatalogKind;
  /** Objects that the manifest names. */
  readonly expected: number;
  /** Of those, how many are as they should be. */
  readonly sound: number;
  /** "31 of 31 foreign keys". */
  readonly summary: string;
  /** One sentence per missing, extra or changed object; empty when all is well. */
  readonly drift: readonly string[];
}

/** Reads the live catalog. `db` is a superuser with the default search_path. */
export async function readCatalog(db: Queryable): Promise<Catalog> {
  const read: Record<string, Catalog[CatalogKind]> = {};
  for (const kind of KindSchema.options) {
    const rows = Rows.parse((await db.query(loadQuery(`catalog.${kind}`))).rows);
    read[kind] = Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  }
  return CatalogSchema.parse(read);
}

/** The committed manifest of this version. */
export function loadManifest(): Catalog {
  return CatalogSchema.parse(readManifest());
}

/** Compares kind by kind; an object that is there but not in the manifest is drift as well. Pure. */
export function diffCatalog(expected: Catalog, actual: Catalog): readonly CatalogKindDiff[] {
  return KindSchema.options.map((kind) => {
    const wanted = expected[kind];
    const found = actual[kind];
    const drift = Object.entries(wanted).flatMap(([name, properties]) => {
      const live = found[name];
      return live === undefined
        ? [`${singular(kind)} ${name} is missing.`]
        : describeChanges(kind, name, properties, live);
    });
    const missing = Object.entries(wanted).filter(([name, properties]) => !isEqual(properties, found[name]));
    const extra = Object.keys(found).filter((name) => !Object.hasOwn(wanted, name));
    const expectedCount = Object.keys(wanted).length;
    const sound = expectedCount - missing.length;
    return {
      kind,
      expected: expectedCount,
      sound,
      summary: `${sound} of ${expectedCount} ${CATALOG_KINDS[kind][1]}`,
      drift: [...drift, ...extra.map((name) => `${singular(kind)} ${name} is not in the manifest.`)],
    };
  });
}

type ObjectProperties = z.infer<typeof Properties>;

/** Properties whose values are hashes: the sentence says changed, not what to. */
const HASHED = new Set(["source"]);

function describeChanges(
  kind: CatalogKind,
  name: string,
  wanted: ObjectProperties,
  live: ObjectProperties,
): readonly string[] {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(live)])].sort();
  return names
    .filter((property) => !isEqual(wanted[property], live[property]))
    .map((property) => {
      const subject = `${singular(kind)} ${name}`;
      if (HASHED.has(property) || (kind === "relations" && property === "definition"))
        return `${subject} has another ${property}.`;
      return `${subject} has ${property} ${JSON.stringify(live[property] ?? null)}, expected ${JSON.stringify(wanted[property] ?? null)}.`;
    });
}

function singular(kind: CatalogKind): string {
  return CATALOG_KINDS[kind][0];
}

/** Both sides come from jsonb, whose keys are in one order. */
function isEqual(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
