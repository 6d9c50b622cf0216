import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startPostgres, type TestDatabase, type TestPostgres } from "../../test/support/postgres.ts";
import { migrationStatus, runMigrations } from "./migrate.ts";
import { listQueries, loadMigrations, loadQuery, toMigrationFile } from "./sql-files.ts";

const files = loadMigrations();
const cliVersion = "0.1.0";
let postgres: TestPostgres;
let database: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describe("on a database without a schema", () => {
  beforeEach(async () => {
    database = await postgres.createDatabase({ migrated: false });
    admin = await database.connect("postgres");
  });

  test("applies every file once, in order, and nothing the second time", async () => {
    const first = await runMigrations(admin, { files, cliVersion });
    expect(first).toEqual({
      applied: files.map(({ id, name }) => `${String(id).padStart(4, "0")}-${name}`),
      unchanged: 0,
    });
    expect(await runMigrations(admin, { files, cliVersion })).toEqual({ applied: [], unchanged: files.length });
    expect(await migrationStatus(admin, files)).toMatchObject({ pending: [], problems: [] });
  });

  test("a dry run and a status look and leave nothing behind", async () => {
    expect((await runMigrations(admin, { files, cliVersion, dryRun: true })).applied).toHaveLength(files.length);
    expect((await migrationStatus(admin, files)).pending).toHaveLength(files.length);
    const { rows } = await admin.query("select from pg_namespace where nspname = 'muster'");
    expect(rows).toHaveLength(0);
  });

  test("twenty runs at once end in one schema", async () => {
    const runs = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const client = await database.connect("postgres");
        return runMigrations(client, { files, cliVersion });
      }),
    );
    expect(runs.filter(({ applied }) => applied.length === files.length)).toHaveLength(1);
    expect(runs.filter(({ unchanged }) => unchanged === files.length)).toHaveLength(19);
  });

  test("a file that fails is rolled back whole, and the run can be repeated", async () => {
    const broken = toMigrationFile("9000-break-things.sql", "create table muster.half (); select 1 / 0;");
    await expect(runMigrations(admin, { files: [...files, broken], cliVersion })).rejects.toMatchObject({
      code: "MUSTER_MIGRATION_FAILED",
      message: expect.stringContaining("9000-break-things"),
    });
    const { rows } = await admin.query("select to_regclass('muster.half') as half");
    expect(rows).toEqual([{ half: null }]);
    const mended = toMigrationFile("9000-break-things.sql", "create table muster.half ();");
    expect((await runMigrations(admin, { files: [...files, mended], cliVersion })).applied).toEqual([
      "9000-break-things",
    ]);
  });

  test("a file that a deadlock with a reader ended is tried again, whole", async () => {
    const tables = toMigrationFile(
      "9000-make-tables.sql",
      "create table muster.first (); create table muster.second ();",
    );
    await runMigrations(admin, { files: [...files, tables], cliVersion });
    const reader = await database.connect("postgres");
    const watcher = await database.connect("postgres");
    // The migration looks for a deadlock once, when it has waited so long; by then the reader waits for it, too.
    await admin.query("set deadlock_timeout = '3s'");
    await reader.query("set deadlock_timeout = '60s'");
    await reader.query("begin");
    await reader.query("select from muster.second");
    const change = toMigrationFile(
      "9001-change-tables.sql",
      "alter table muster.first add a integer; alter table muster.second add a integer;",
    );
    const migrated = runMigrations(admin, { files: [...files, tables, change], cliVersion });
    const waitingFor = "select from pg_locks where not granted and relation = 'muster.second'::regclass";
    await expect.poll(async () => (await watcher.query(waitingFor)).rowCount, { timeout: 10_000 }).toBe(1);
    await reader.query("select from muster.first");
    await reader.query("commit");
    expect((await migrated).applied).toEqual(["9001-change-tables"]);
    const deadlocks = "select from pg_stat_database where datname = current_database() and deadlocks = 1";
    await expect.poll(async () => (await watcher.query(deadlocks)).rowCount, { timeout: 10_000 }).toBe(1);
    const { rows: columns } = await watcher.query(
      "select table_name as name from information_schema.columns where table_schema = 'muster' and column_name = 'a' order by 1",
    );
    expect(columns).toEqual([{ name: "first" }, { name: "second" }]);
  });
});

describe("on a migrated database", () => {
  beforeEach(async () => {
    database = await postgres.createDatabase();
    admin = await database.connect("postgres");
  });

  test("refuses an edited file", async () => {
    const edited = files.map((file) =>
      file.id === 3 ? toMigrationFile(`0003-${file.name}.sql`, `${file.sql}\n-- edited`) : file,
    );
    await expect(runMigrations(admin, { files: edited, cliVersion })).rejects.toMatchObject({
      code: "MUSTER_MIGRATION_EDITED",
    });
    expect((await migrationStatus(admin, edited)).problems).toMatchObject([{ code: "MUSTER_MIGRATION_EDITED" }]);
  });

  test("refuses a database that a newer version has migrated", async () => {
    const newer = toMigrationFile("9001-arrive-early.sql", "select 1;");
    await runMigrations(admin, { files: [...files, newer], cliVersion: "9.9.9" });
    await expect(runMigrations(admin, { files, cliVersion })).rejects.toMatchObject({
      code: "MUSTER_MIGRATION_UNKNOWN",
      message: expect.stringContaining("9.9.9"),
    });
  });

  test("refuses a file that comes before an applied one", async () => {
    const [first, second, ...rest] = files;
    if (first === undefined || second === undefined) throw new Error("There are more than two migrations.");
    await admin.query("delete from muster.migrations where id = 2");
    await expect(runMigrations(admin, { files: [first, second, ...rest], cliVersion })).rejects.toMatchObject({
      code: "MUSTER_MIGRATION_OUT_OF_ORDER",
    });
  });

  test("frees its lock when it refuses", async () => {
    await expect(runMigrations(admin, { files: files.slice(0, 2), cliVersion })).rejects.toMatchObject({
      code: "MUSTER_MIGRATION_UNKNOWN",
    });
    const other = await database.connect("postgres");
    await expect(runMigrations(other, { files, cliVersion })).resolves.toMatchObject({ applied: [] });
  });

  test("a later migration changes a column under a view and a trigger", async () => {
    const later = toMigrationFile(
      "9002-widen-priority.sql",
      `alter table public.os_agents add column timezone text;
       drop view muster_read.agents;
       drop trigger os_agents_90_event on public.os_agents;
       alter table public.os_agents alter column max_wip type bigint;
       create view muster_read.agents with (security_barrier) as select a.id, a.name, a.max_wip, a.timezone from public.os_agents a;
       grant select on muster_read.agents to muster_portal;
       create trigger os_agents_90_event after insert or update on public.os_agents
         for each row when (current_user <> 'muster_owner') execute function muster.log_change('caller');`,
    );
    expect(await runMigrations(admin, { files: [...files, later], cliVersion })).toMatchObject({
      applied: ["9002-widen-priority"],
    });
    const portal = await database.connect("muster_portal");
    await expect(portal.query("select name, max_wip, timezone from muster_read.agents")).resolves.toBeDefined();
    const { rows } = await admin.query("select tableowner from pg_tables where tablename = 'os_agents'");
    expect(rows).toEqual([{ tableowner: "muster_owner" }]);
  });

  test("every run-time query is valid SQL", async () => {
    for (const name of listQueries()) {
      const text = loadQuery(name);
      const isScript = text.replace(/--.*$/gm, "").trim().replace(/;$/, "").includes(";");
      if (isScript || /^\s*(begin|commit|rollback|reset)\b/.test(text)) continue;
      await expect(admin.query(`prepare "${name}" as ${text}`), name).resolves.toBeDefined();
    }
  });
});
