import { type CatalogKind, type CatalogKindDiff, diffCatalog, loadManifest, readCatalog } from "@muster/board/catalog";
import type { QueryResultRow } from "pg";
import { counted } from "../../output/counted.ts";
import { queryRows } from "../../stack/sql.ts";
import { type Check, type CheckId, type Finding, fail, pass } from "../check.ts";

type Context = Parameters<Check["probe"]>[0];

/** What the schema and the law are made of. */
const STRUCTURE: readonly CatalogKind[] = ["columns", "foreign-keys", "checks", "indexes", "triggers", "functions"];
/** Who owns what and who may do what with it. */
const OWNERSHIP: readonly CatalogKind[] = ["relations", "grants", "memberships"];

function catalogDrift({ facts, connections }: Context): Promise<readonly CatalogKindDiff[]> {
  return facts.once("postgres:catalog", () =>
    connections.withClient("postgres", async (client) => diffCatalog(loadManifest(), await readCatalog(client))),
  );
}

async function judge(context: Context, kinds: readonly CatalogKind[]): Promise<Finding> {
  const diffs = (await catalogDrift(context)).filter(({ kind }) => kinds.includes(kind));
  const drift = diffs.flatMap((diff) => diff.drift);
  const summary = diffs.map((diff) => diff.summary).join(", ");
  return drift.length === 0
    ? pass(summary)
    : fail(`${drift[0]}${drift.length > 1 ? ` And ${drift.length - 1} more.` : ""}`, {
        expected: "board/manifest.json",
        actual: summary,
      });
}

function catalogCheck(id: CheckId, title: string, kinds: readonly CatalogKind[], summary: string): Check {
  return {
    id,
    title,
    severity: "error",
    dependsOn: ["PG-03"],
    timeoutMs: 10_000,
    probe: (context) => judge(context, kinds),
    fix: { summary },
  };
}

export const catalogSound = catalogCheck(
  "PG-04",
  "Columns, foreign keys, checks, indexes, triggers and functions are those of the manifest, validated and enabled",
  STRUCTURE,
  "undo the change by hand in psql; the migration that made the object shows how it was",
);

export const catalogOwned = catalogCheck(
  "PG-11",
  "Owners, grants and memberships are those of the manifest: Directus owns no rule and nobody deletes",
  OWNERSHIP,
  "revoke what was granted, or give the owner back, in psql as postgres; board/migrations/0011 lists the grants",
);

export interface Orphan {
  /** The reference that points nowhere, "os_claims.task", and the row that holds it. */
  readonly place: string;
  readonly id: string;
}

export function judgeOrphans(orphans: readonly Orphan[]): Finding {
  const [first] = orphans;
  return first === undefined
    ? pass("no row points nowhere")
    : fail(`${counted(orphans.length, "row")}, first ${first.place} ${first.id}`);
}

/** PG-06. What an enforced foreign key guards cannot dangle; these references have none, for the speed of a claim. */
export const orphansAbsent: Check = {
  id: "PG-06",
  title: "No lease, claim, task, queued work or event points at something that is not there",
  severity: "error",
  dependsOn: ["PG-04"],
  timeoutMs: 10_000,
  probe: async ({ connections }) =>
    judgeOrphans(await queryRows<Orphan & QueryResultRow>(connections, "postgres", "orphans.find")),
  fix: { summary: "find out who wrote past the board; restore the row from a backup" },
};
