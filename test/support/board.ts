/** A board to test against: real Postgres, real Directus with our extension; migrations only when the test asks for them. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runMigrations } from "@muster/board/migrate";
import { loadMigrations } from "@muster/board/sql-files";
import type pg from "pg";
import type { DirectusClient } from "../../cli/src/directus/client.ts";
import type { DirectusData } from "../../cli/src/directus/data-schema.ts";
import { loadDirectusData } from "../../cli/src/directus/load-data.ts";
import { fetchStewardRoles } from "../../cli/src/directus/steward-roles.ts";
import { openSecrets, type SecretName } from "../../cli/src/state/secrets.ts";
import { type DirectusStages, type RunningDirectus, startDirectus } from "./directus.ts";
import { startCluster, startPostgres, type TestDatabase, type TestPostgres } from "./postgres.ts";
import { copy, copyClosed } from "./postgres-template.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..");
const OWN_SECRETS: readonly SecretName[] = [
  "instance_key",
  "directus_secret",
  "directus_admin_password",
  "directus_admin_token",
];
/** What startPostgres gives every role. */
const DATABASE_PASSWORD = "test";
/** The first that a cluster makes. */
const KEPT_DATABASE = "test_1";

export interface Board {
  readonly data: DirectusData;
  readonly instanceId: string;
  readonly directus: RunningDirectus;
  /** A superuser's connection to the board's database. */
  readonly db: pg.Client;
  migrate(): Promise<void>;
  /** Puts the steward role and the administrator's role on the law's allow-list. */
  allowStewards(admin: DirectusClient): Promise<void>;
  /** Owners of the tables in schema public, with the part of the name before the first underscore. */
  tableOwners(): Promise<readonly { readonly owner: string; readonly prefix: string }[]>;
  /** Everything by which a write to the table would show: its rows and the number of events, claims, activities and revisions. */
  traceOf(table: "os_tasks"): Promise<unknown>;
  /** Ends Directus, then Postgres, and copies data and secrets into that folder, for `bringUpKeptBoard`. Only `stop` may follow. */
  keepIn(folder: string): Promise<void>;
  /** Ends Directus, then Postgres, and removes every file. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Takes about 15 s, plus the Directus install on the first run of a lock file. `name` shows in the folder's name.
 * @param settings of Postgres, as for startPostgres: a measurement wants `fsync=on`
 */
export function bringUpBoard(name: string, settings: readonly string[] = []): Promise<Board> {
  return bringUp(name, () => startPostgres(undefined, settings), null);
}

/** Takes about 3 s. @param kept a folder of `keepIn` */
export function bringUpKeptBoard(name: string, settings: readonly string[], kept: string): Promise<Board> {
  return bringUp(name, () => startCluster((data) => copyClosed(join(kept, "data"), data), settings), kept);
}

/** Of what was staged elsewhere, on a Postgres that `start` starts. */
export function bringUpStagedBoard(
  name: string,
  start: () => Promise<TestPostgres>,
  stages: DirectusStages,
): Promise<Board> {
  return bringUp(name, start, null, stages);
}

async function bringUp(
  name: string,
  start: () => Promise<TestPostgres>,
  kept: string | null,
  stages?: DirectusStages,
): Promise<Board> {
  const folder = mkdtempSync(join(tmpdir(), `muster-board-${name}-`));
  const postgres = await start();
  let directus: RunningDirectus | undefined;
  const stop = async () => {
    await directus?.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const database = kept === null ? await bareDatabase(postgres) : postgres.openDatabase(KEPT_DATABASE);
    const db = await database.connect("postgres");
    if (kept !== null) await copyClosed(join(kept, "secrets"), join(folder, "secrets"));
    const instanceId = randomUUID();
    directus = await startDirectus({
      postgresPort: postgres.port,
      database: database.name,
      secrets: kept === null ? makeSecrets(join(folder, "secrets")) : openSecrets(join(folder, "secrets")),
      isBootstrapped: kept !== null,
      instanceId,
      port: await freePort(),
      folder,
      ...(stages === undefined ? {} : { stages }),
    });
    const data = loadDirectusData(join(CHECKOUT, "directus"));
    const keepIn = async (place: string) => {
      await directus?.stop();
      await postgres.halt();
      await copy(postgres.dataFolder, join(place, "data"));
      await copy(join(folder, "secrets"), join(place, "secrets"));
    };
    return { data, instanceId, directus, db, ...questions(db, data), keepIn, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bareDatabase(postgres: TestPostgres): Promise<TestDatabase> {
  const database = await postgres.createDatabase({ migrated: false });
  const db = await database.connect("postgres");
  // The stub stands in for Directus in tests of Postgres alone; here Directus makes its own.
  await db.query("drop table public.directus_users, public.directus_roles");
  await db.end();
  return database;
}

function makeSecrets(folder: string) {
  mkdirSync(folder, { mode: 0o700 });
  const secrets = openSecrets(folder);
  for (const name of OWN_SECRETS) secrets.ensure(name);
  writeFileSync(secrets.path("muster_directus_password"), DATABASE_PASSWORD, { mode: 0o600 });
  return secrets;
}

function questions(
  db: pg.Client,
  data: DirectusData,
): Pick<Board, "migrate" | "allowStewards" | "tableOwners" | "traceOf"> {
  return {
    async migrate() {
      await runMigrations(db, { files: loadMigrations(), cliVersion: "test" });
    },
    async allowStewards(admin) {
      const roles = JSON.stringify(await fetchStewardRoles(admin, data.ids));
      await db.query("select muster.set_config('steward_roles', $1::jsonb)", [roles]);
    },
    async tableOwners() {
      const { rows } = await db.query<{ owner: string; prefix: string }>(
        `select distinct tableowner as owner, split_part(tablename, '_', 1) || '_' as prefix
           from pg_catalog.pg_tables where schemaname = 'public' order by 1, 2`,
      );
      return rows;
    },
    async traceOf(table) {
      const { rows } = await db.query(
        `select (select jsonb_agg(t order by t.id) from public.${table} t) as rows,
                (select count(*) from public.os_events) as events,
                (select count(*) from public.os_claims) as claims,
                (select count(*) from public.directus_activity) as activities,
                (select count(*) from public.directus_revisions) as revisions`,
      );
      return rows[0];
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("No free port.");
  return address.port;
}
