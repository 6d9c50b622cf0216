/** Behind a real transaction pooler. Skipped, and not passed, where pgbouncer is not installed. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasPooler, type Pooler, startPooler } from "../../../test/support/pooler.ts";
import { startPostgres, type TestPostgres } from "../../../test/support/postgres.ts";
import { asSuperuser } from "../../../test/support/standby.ts";
import { externalSound } from "../checks/postgres/external.ts";
import { configSchema } from "../config/schema.ts";
import { ensureDatabaseRoles } from "../drivers/embedded/database-roles.ts";
import { doorSettings } from "../services/postgres-door.ts";
import { Connections } from "../stack/connections.ts";
import { DATABASE_ROLES } from "../stack/database-roles.ts";
import type { Stack } from "../stack/stack.ts";
import { statePaths } from "../state/paths.ts";
import { openSecrets, SECRETS, type SecretName } from "../state/secrets.ts";
import { type Door, openDoor } from "./door.ts";
import { administratorOf } from "./logins.ts";
import { assertDatabaseReady } from "./preflight.ts";

const URL = (port: number) => `postgres://boss:geheim@127.0.0.1:${port}/muster`;

describe.skipIf(!hasPooler())("behind a transaction pooler", () => {
  let server: TestPostgres;
  let pooler: Pooler;
  let folder: string;
  let place: Pick<Stack, "config" | "paths" | "secrets">;
  let pastPooler: Pick<Stack, "config" | "paths" | "secrets">;
  let door: Door;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "muster-pooled-"));
    const paths = statePaths(folder);
    mkdirSync(paths.secrets);
    const secrets = openSecrets(paths.secrets);
    for (const name of Object.keys(SECRETS)) secrets.ensure(name as SecretName);
    server = await startPostgres([]);
    await asSuperuser(server, async (client) => {
      await client.query("create role boss superuser login password 'geheim'");
      await client.query("create database muster template template0");
    });
    const passwords = Object.entries(DATABASE_ROLES).map(([role, name]) => [role, secrets.read(name).reveal()]);
    pooler = await startPooler(server.port, { ...Object.fromEntries(passwords), boss: "geheim" });
    const settings = { stateDir: folder, cacheDir: folder, instance: "test", databaseUrl: URL(pooler.port) };
    place = { config: configSchema.parse(settings), paths, secrets };
    const config = configSchema.parse({ ...settings, databaseListenUrl: URL(server.port) });
    pastPooler = { ...place, config };
    door = await openDoor(doorSettings(config, { hosts: ["127.0.0.1"], port: 0 }), () => undefined);
    await ensureDatabaseRoles({ port: door.port, secrets, administrator: administratorOf(config) });
  });
  afterAll(async () => {
    await door?.close();
    await pooler?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("nothing begins before a way past it is named, which the refusal names", async () => {
    await expect(assertDatabaseReady(place)).rejects.toMatchObject({
      code: "DATABASE_UNFIT",
      message: expect.stringContaining("transaction pooler"),
      hint: expect.stringContaining("ELK_OS_DATABASE_LISTEN_URL"),
    });
    await assertDatabaseReady(pastPooler);
  });

  it("PG-12 says plainly that services poll, and is red without a way past it", async () => {
    const signal = new AbortController().signal;
    expect(await externalSound.probe(pastPooler as Stack, signal)).toMatchObject({
      status: "pass",
      evidence: expect.stringContaining("services come through a transaction pooler: they poll"),
    });
    expect(await externalSound.probe(place as Stack, signal)).toMatchObject({
      status: "fail",
      evidence: expect.stringContaining("ELK_OS_DATABASE_LISTEN_URL"),
    });
  });

  it("every role comes in, the administrator with sessions and settings of its own", async () => {
    const { config, secrets } = pastPooler;
    const connections = new Connections(() => ({ host: "127.0.0.1", port: door.port }), secrets, {
      administrator: administratorOf(config),
      isPooled: true,
    });
    try {
      for (const role of ["muster_directus", "muster_portal", "muster_rag"] as const) {
        const { rows } = await connections.pool(role).query("select current_user as role");
        expect(rows).toEqual([{ role }]);
      }
      const { rows } = await connections.pool("postgres").query("select current_setting('statement_timeout') as limit");
      expect(rows).toEqual([{ limit: "30s" }]);
    } finally {
      await connections.close();
    }
  });

  it("refuses what services would send without being told that it is there", async () => {
    const client = new pg.Client({
      host: "127.0.0.1",
      port: door.port,
      database: "muster",
      user: "muster_rag",
      password: place.secrets.read("muster_rag_password").reveal(),
      statement_timeout: 4_000,
    });
    client.on("error", () => undefined);
    await expect(client.connect()).rejects.toThrow(/unsupported startup parameter: statement_timeout/);
  });
});
