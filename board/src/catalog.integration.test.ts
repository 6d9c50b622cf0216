import { writeFileSync } from "node:fs";
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SETS_ITS_SESSION } from "../../test/support/law-mutants.ts";
import { startPostgres, type TestDatabase, type TestPostgres } from "../../test/support/postgres.ts";
import { type CatalogKind, diffCatalog, loadManifest, readCatalog } from "./catalog.ts";

let postgres: TestPostgres;
let database: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await postgres.createDatabase();
  admin = await database.connect("postgres");
});
afterEach(() => database.drop());

test("the committed manifest is the live catalog; UPDATE_MANIFEST=1 with this test rewrites it", async () => {
  const live = await readCatalog(admin);
  if (process.env["UPDATE_MANIFEST"] === "1") {
    writeFileSync(new URL("../manifest.json", import.meta.url), `${JSON.stringify(live, null, 1)}\n`);
  }
  const drift = diffCatalog(loadManifest(), live).flatMap(({ drift: sentences }) => sentences);
  expect(drift, "Run UPDATE_MANIFEST=1 npx vitest run --project integration board/src/catalog").toEqual([]);
});

const ONE_PLAN = "plan_cache_mode=force_generic_plan";
const BY_INDEX = ["enable_seqscan=off", "enable_bitmapscan=off"];
/** What stands on the path of a claim is planned once, by its keys: statistics lag behind a queue. Everything else pins its search_path alone. */
const PLANNED: Readonly<Record<string, readonly string[]>> = {
  take_work: [ONE_PLAN, ...BY_INDEX],
  count_held: [ONE_PLAN, ...BY_INDEX],
  take_in_hand: [ONE_PLAN, ...BY_INDEX],
  pick_work: [ONE_PLAN, ...BY_INDEX, "enable_sort=off"],
  grant_many: [ONE_PLAN, ...BY_INDEX, "enable_hashjoin=off", "enable_mergejoin=off", "enable_material=off"],
  submit_many: [ONE_PLAN, ...BY_INDEX, "enable_hashjoin=off", "enable_mergejoin=off", "enable_material=off"],
  lock_held: [ONE_PLAN, ...BY_INDEX, "enable_hashjoin=off", "enable_mergejoin=off", "enable_material=off"],
  claim_next: [ONE_PLAN],
  claim_many: [ONE_PLAN],
  complete_many: [ONE_PLAN],
  submit: [ONE_PLAN],
  advance: [ONE_PLAN],
  grant_work: [ONE_PLAN, ...BY_INDEX],
  submit_plainly: [ONE_PLAN, ...BY_INDEX],
  heartbeat: [ONE_PLAN],
};

describe("every board object", () => {
  test("is written by no foreign key: what one sets to null or deletes would pass as the owner's own write", async () => {
    const { rows } = await admin.query(
      `select k.conname from pg_constraint k join pg_namespace n on n.oid = k.connamespace
       where k.contype = 'f' and (k.confdeltype, k.confupdtype) <> ('a', 'a') and n.nspname in ('public', 'muster')
         and (n.nspname = 'muster' or starts_with(k.conrelid::regclass::text, 'os_'))`,
    );
    expect(rows).toEqual([]);
    const { rows: all } = await admin.query(
      "select from pg_constraint where contype = 'f' and starts_with(conname, 'os_')",
    );
    expect(all.length).toBeGreaterThan(20);
  });

  test("belongs to muster_owner, and every function pins its search_path", async () => {
    const { relations, functions } = await readCatalog(admin);
    for (const [name, { owner }] of Object.entries(relations)) expect(owner, name).toBe("muster_owner");
    for (const [name, { owner, settings }] of Object.entries(functions)) {
      expect(owner, name).toBe("muster_owner");
      const plans = PLANNED[name.replace(/^muster\.|\(.*$/g, "")] ?? [];
      expect(settings, name).toEqual(["search_path=pg_catalog, pg_temp", ...plans]);
    }
  });

  test("leaves no setting behind on a pooled connection", async () => {
    expect((await admin.query(SETS_ITS_SESSION)).rows).toEqual([]);
  });

  test("has eighteen collections, each with a primary key, and every foreign key that is looked up has an index that starts with it", async () => {
    const { relations } = await readCatalog(admin);
    const tables = Object.entries(relations).filter(
      ([name, { kind }]) => name.startsWith("public.os_") && kind === "table",
    );
    expect(tables).toHaveLength(18);
    const { rows } = await admin.query(`
      select k.conrelid::regclass::text || ' ' || k.conname as name from pg_constraint k
      where k.contype = 'f' and k.conenforced and k.connamespace in ('public'::regnamespace, 'muster'::regnamespace) and k.conrelid::regclass::text not like 'directus%'
        and not exists (select from pg_index i where i.indrelid = k.conrelid and i.indkey[0] = k.conkey[1])`);
    expect(rows).toEqual([]);
  });
});

/** What one role may do to every table, view, column and sequence that is not the system's. $1: the role. */
const EVERY_PRIVILEGE = `
  select p.privilege || ' on ' || n.nspname || '.' || c.relname as may
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger', 'maintain']) p (privilege)
  where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^(pg_|information_schema$)'
    and case when p.privilege in ('select', 'insert', 'update', 'references') then has_any_column_privilege($1::text, c.oid, p.privilege)
      else has_table_privilege($1::text, c.oid, p.privilege) end
  union all
  select p.privilege || ' on sequence ' || n.nspname || '.' || c.relname
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  cross join unnest(array['usage', 'select', 'update']) p (privilege)
  where c.relkind = 'S' and n.nspname !~ '^(pg_|information_schema$)' and has_sequence_privilege($1::text, c.oid, p.privilege)`;

describe("grants", () => {
  test("give nobody delete, truncate or trigger, and public nothing at all", async () => {
    const { grants, memberships } = await readCatalog(admin);
    expect(Object.keys(grants).filter((grant) => /: (delete|truncate|trigger|maintain) on/.test(grant))).toEqual([]);
    expect(Object.keys(grants).filter((grant) => grant.startsWith("public:"))).toEqual([]);
    expect(memberships).toEqual({});
  });

  test.each(["os_events", "os_claims", "os_receipts"])("let Directus only read %s", async (table) => {
    const { grants } = await readCatalog(admin);
    expect(Object.keys(grants).filter((grant) => grant.endsWith(` on public.${table}`))).toEqual([
      `muster_directus: select on public.${table}`,
    ]);
  });

  test("let portal and search see the views and nothing else", async () => {
    for (const role of ["muster_portal", "muster_rag"] as const) {
      const client = await database.connect(role);
      const { rows } = await admin.query<{ name: string }>(
        "select viewname as name from pg_views where schemaname = 'muster_read'",
      );
      expect(rows.length).toBeGreaterThan(10);
      for (const { name } of rows)
        await expect(client.query(`select * from muster_read.${name}`), name).resolves.toBeDefined();
      for (const table of ["public.os_tasks", "public.os_contacts", "muster.config", "public.directus_users"]) {
        await expect(client.query(`select * from ${table}`), table).rejects.toMatchObject({ code: "42501" });
      }
    }
  });

  const READERS = { muster_portal: ["muster_at", "muster_read"], muster_rag: ["muster_read"] } as const;

  test.each(["muster_portal", "muster_rag"] as const)(
    "let %s select from its views, and do nothing else to any relation",
    async (role) => {
      const { rows: views } = await admin.query<{ may: string }>(
        "select 'select on ' || schemaname || '.' || viewname as may from pg_views where schemaname = any($1)",
        [READERS[role]],
      );
      const { rows } = await admin.query<{ may: string }>(EVERY_PRIVILEGE, [role]);
      const may = rows.map((row) => row.may);
      expect(may.filter((found) => !found.startsWith("select on "))).toEqual([]);
      expect(may.sort()).toEqual(views.map((view) => view.may).sort());
      // One column of one table is enough to be seen.
      await admin.query(`grant update (title) on public.os_tasks to ${role}`);
      const { rows: more } = await admin.query<{ may: string }>(EVERY_PRIVILEGE, [role]);
      expect(more.map((row) => row.may).filter((found) => !may.includes(found))).toEqual(["update on public.os_tasks"]);
    },
  );

  test("let nobody but the owner make anything in a schema, and readers name their own schemas only", async () => {
    const { rows } = await admin.query<{ may: string }>(
      `select p.privilege || ' on ' || n.nspname || ' for ' || r.role as may
       from unnest(array['muster_portal', 'muster_rag', 'muster_directus']) r (role), pg_namespace n, unnest(array['create', 'usage']) p (privilege)
       where n.nspname in ('public', 'muster', 'muster_read', 'muster_at', 'muster_past')
         and has_schema_privilege(r.role, n.oid, p.privilege) and not (n.nspname = 'public' and p.privilege = 'usage')
         and not (r.role = 'muster_directus' and (n.nspname = 'public' or p.privilege = 'usage'))
       order by may`,
    );
    expect(rows.map(({ may }) => may)).toEqual([
      "usage on muster_at for muster_portal",
      "usage on muster_read for muster_portal",
      "usage on muster_read for muster_rag",
    ]);
  });

  test("keep Directus from rules and hot state", async () => {
    const directus = await database.connect("muster_directus");
    for (const statement of [
      "delete from os_tasks",
      "truncate os_tasks",
      "alter table os_tasks disable trigger all",
      "drop trigger os_tasks_10_api on os_tasks",
      "insert into os_events (entity, entity_id, version, kind, hash) values ('x', gen_random_uuid(), 1, 'x', 'x')",
      "update os_claims set outcome = 'accepted'",
      "select * from muster.leases",
      "select muster.set_config('steward_roles', '[]')",
      "select muster.import_history('{}')",
      "set role muster_owner",
    ]) {
      await expect(directus.query(statement), statement).rejects.toMatchObject({ code: "42501" });
    }
  });
});

describe("drift", () => {
  const cases: readonly (readonly [kind: CatalogKind, harm: string, sentence: RegExp])[] = [
    [
      "foreign-keys",
      "alter table os_releases drop constraint os_releases_repository_fkey",
      /^Foreign key public.os_releases os_releases_repository_fkey is missing/,
    ],
    ["checks", "alter table os_tasks drop constraint os_tasks_sound_check", /^Check .* is missing/],
    [
      "triggers",
      "alter table os_tasks disable trigger os_tasks_10_api",
      /^Trigger public.os_tasks os_tasks_10_api has enabled false, expected true/,
    ],
    ["triggers", "drop trigger os_tasks_20_raw on os_tasks", /^Trigger public.os_tasks os_tasks_20_raw is missing/],
    [
      "functions",
      "create or replace function muster.is_steward(p_user uuid) returns boolean language sql stable security definer set search_path = pg_catalog, pg_temp as $$ select true $$",
      /^Function muster.is_steward\(p_user uuid\) has another source/,
    ],
    [
      "functions",
      "alter function muster.is_steward(uuid) reset search_path",
      /has settings null, expected \["search_path=pg_catalog, pg_temp"\]/,
    ],
    [
      "functions",
      "alter function muster.judge_task_update() security invoker",
      /has security_definer false, expected true/,
    ],
    ["functions", "alter function muster.is_steward(uuid) owner to muster_directus", /has owner "muster_directus"/],
    [
      "relations",
      "alter table os_tasks owner to muster_directus",
      /^Relation public.os_tasks has owner "muster_directus", expected "muster_owner"/,
    ],
    [
      "relations",
      "create or replace view muster_read.notes with (security_barrier) as select id, task as task_id, 0 as task, agent as agent_id, '' as agent, kind, body, date_created as created_at from os_notes",
      /muster_read.notes has another definition/,
    ],
    ["columns", "alter table os_tasks add column secret text", /^Column public.os_tasks.secret is not in the manifest/],
    ["indexes", "drop index os_tasks_review_index", /^Index public.os_tasks_review_index is missing/],
    [
      "grants",
      "grant execute on function muster.import_history(jsonb) to public",
      /^Grant public: execute on muster.import_history\(p_document jsonb\) is not in the manifest/,
    ],
    [
      "grants",
      "grant delete on os_tasks to muster_directus",
      /^Grant muster_directus: delete on public.os_tasks is not in the manifest/,
    ],
    [
      "grants",
      "revoke select on muster_read.tasks from muster_portal",
      /^Grant muster_portal: select on muster_read.tasks is missing/,
    ],
    [
      "memberships",
      "grant muster_owner to muster_directus",
      /^Membership muster_directus in muster_owner is not in the manifest/,
    ],
  ];
  test.each(cases)("of %s is named: %s", async (kind, harm, sentence) => {
    await admin.query(harm);
    const diffs = diffCatalog(loadManifest(), await readCatalog(admin));
    if (kind === "memberships") await admin.query("revoke muster_owner from muster_directus");
    expect(diffs.find((diff) => diff.kind === kind)?.drift).toContainEqual(expect.stringMatching(sentence));
  });

  test("counts what is sound", async () => {
    await admin.query("alter table os_releases drop constraint os_releases_repository_fkey");
    const diff = diffCatalog(loadManifest(), await readCatalog(admin)).find(({ kind }) => kind === "foreign-keys");
    expect(diff?.summary).toBe(`${(diff?.expected ?? 0) - 1} of ${diff?.expected} foreign keys`);
  });
});
