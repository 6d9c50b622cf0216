/** A login without superuser's rights, from nothing to a board and back, on a real server. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diffCatalog, loadManifest, readCatalog } from "@muster/board/catalog";
import { runMigrations } from "@muster/board/migrate";
import { loadMigrations } from "@muster/board/sql-files";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "../../../test/support/ports.ts";
import { startPostgres, type TestPostgres } from "../../../test/support/postgres.ts";
import { asSuperuser } from "../../../test/support/standby.ts";
import { configSchema } from "../config/schema.ts";
import { ensureDatabaseRoles } from "../drivers/embedded/database-roles.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { CliError } from "../errors/cli-error.ts";
import { ensureInstance, getInstance } from "../state/instance.ts";
import { statePaths } from "../state/paths.ts";
import { openSecrets, SECRETS, type SecretName } from "../state/secrets.ts";
import { administratorSql } from "./administrator-sql.ts";
import { emptyDatabase } from "./empty-database.ts";
import { administratorOf } from "./logins.ts";
import { assertDatabaseReady } from "./preflight.ts";

let server: TestPostgres;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "muster-place-"));
  server = await startPostgres([]);
  await asSuperuser(server, async (client) => {
    // Roles of another origin, as on a server where an administrator made them: their passwords are none of ours.
    await client.query("create role boss login password 'geheim'");
    await client.query("create role maker login createrole password 'geheim'");
  });
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A state folder of an instance, and settings that name the server. */
function placeWith(databaseUrl: string) {
  const root = mkdtempSync(join(folder, "state-"));
  const paths = statePaths(root);
  mkdirSync(paths.secrets, { recursive: true });
  const secrets = openSecrets(paths.secrets);
  for (const name of Object.keys(SECRETS)) secrets.ensure(name as SecretName);
  ensureInstance(paths.instance, { driver: "embedded", cliVersion: "test", database: "elsewhere" });
  const config = configSchema.parse({ stateDir: root, cacheDir: root, instance: "test", databaseUrl });
  return { config, paths, secrets };
}

const urlOf = (user: string, port = server.port) => `postgres://${user}:geheim@127.0.0.1:${port}/muster`;
const refusalOf = async (place: ReturnType<typeof placeWith>): Promise<CliError> => {
  const refusal = await assertDatabaseReady(place).catch((error: unknown) => error);
  if (refusal instanceof CliError) return refusal;
  throw new Error("The server was taken.", { cause: refusal });
};

describe("before anything is there", () => {
  it("says that nobody answers, and where", async () => {
    const [port = 0] = await freePorts(1);
    expect(await refusalOf(placeWith(urlOf("boss", port)))).toMatchObject({
      code: "DATABASE_UNREACHABLE",
      exit: 5,
      message: expect.stringMatching(new RegExp(`127.0.0.1:${port}: .*ECONNREFUSED`)),
    });
  });

  it("says that the password is refused, and does not say the password", async () => {
    const refusal = await refusalOf(placeWith(urlOf("boss").replace("geheim", "falsch")));
    expect(refusal).toMatchObject({ code: "DATABASE_UNREACHABLE", message: expect.stringContaining("boss") });
    expect(`${refusal.message} ${refusal.hint}`).not.toContain("falsch");
  });

  it("says how the database is made that is not there", async () => {
    expect(await refusalOf(placeWith(urlOf("boss")))).toMatchObject({
      code: "DATABASE_UNREACHABLE",
      hint: expect.stringContaining('create database muster owner "boss"'),
    });
  });
});

describe("with the database", () => {
  let place: ReturnType<typeof placeWith>;
  beforeAll(async () => {
    await asSuperuser(server, (client) => client.query("create database muster template template0"));
    place = placeWith(urlOf("boss"));
  });

  it("names each right that is missing, and the command that says how it is given", async () => {
    const refusal = await refusalOf(place);
    expect(refusal).toMatchObject({
      code: "DATABASE_RIGHTS_MISSING",
      hint: expect.stringContaining("plan --database-sql"),
    });
    for (const said of [
      "Membership in muster_directus and muster_owner",
      "Ownership",
      "passwords of muster_directus, muster_portal, muster_rag",
    ])
      expect(refusal.message).toContain(said);
  });

  it("is content once an administrator ran the statements, twice as well as once", async () => {
    const sql = administratorSql("boss", place.secrets);
    for (const name of ["muster_directus_password", "muster_portal_password", "muster_rag_password"] as const)
      expect(sql).not.toContain(place.secrets.read(name).reveal());
    for (let times = 0; times < 2; times++) {
      await asSuperuser(server, (client) => client.query(sql), "muster");
      await assertDatabaseReady(place);
    }
  });

  it("makes and changes the whole board with those rights alone, as the manifest has it", async () => {
    const access = { port: server.port, secrets: place.secrets, administrator: administratorOf(place.config) };
    // Roles and passwords are there; who may do what in the database is said now, and once.
    expect(await ensureDatabaseRoles(access)).toBe(true);
    expect(await ensureDatabaseRoles(access)).toBe(false);
    await asBoss(async (client) => {
      await client.query(readFileSync(new URL("../../../test/support/directus-stub.sql", import.meta.url), "utf8"));
      await runMigrations(client, { files: loadMigrations(), cliVersion: "test" });
      await client.query(readSql("instance.ensure"), [getInstance(place.paths.instance).instanceId]);
      const drift = diffCatalog(loadManifest(), await readCatalog(client)).flatMap((diff) => diff.drift);
      expect(drift).toEqual([]);
      await client.query(readSql("incarnation.bump"), ["failover"]);
      expect((await client.query(readSql("instance.find"))).rows).toMatchObject([{ incarnation: 2 }]);
    });
    await assertDatabaseReady(place);
  });

  it("refuses the board of another instance, and leaves its roles' passwords alone", async () => {
    const other = placeWith(urlOf("boss"));
    expect(await refusalOf(other)).toMatchObject({ code: "DATABASE_OF_ANOTHER", exit: 10 });
    await expect(emptyDatabase(other)).rejects.toMatchObject({ code: "DATABASE_OF_ANOTHER" });
    await assertDatabaseReady(place);
  });

  it("is emptied on request, and can hold a board again", async () => {
    await emptyDatabase(place);
    await emptyDatabase(place);
    const left = await asSuperuser(
      server,
      (client) => client.query("select nspname from pg_namespace where nspname like 'muster%' or nspname = 'os'"),
      "muster",
    );
    expect(left.rows).toEqual([]);
    await assertDatabaseReady(place);
  });
});

describe("with a login that may make roles", () => {
  it("needs nobody else: roles, passwords and memberships are made by itself, and once", async () => {
    await asSuperuser(server, async (client) => {
      for (const name of ["muster", "muster_template", "muster_template_bare"])
        await client.query(`drop database ${name}`);
      for (const role of ["muster_owner", "muster_directus", "muster_portal", "muster_rag"])
        await client.query(`drop role ${role}`);
      await client.query("create database muster owner maker template template0");
    });
    const place = placeWith(urlOf("maker"));
    await assertDatabaseReady(place);
    const access = { port: server.port, secrets: place.secrets, administrator: administratorOf(place.config) };
    expect(await ensureDatabaseRoles(access)).toBe(true);
    expect(await ensureDatabaseRoles(access)).toBe(false);
    await assertDatabaseReady(place);
  });
});

async function asBoss<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: server.port,
    database: "muster",
    user: "boss",
    password: "geheim",
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
