/** Boards in a database of the test's own, and this process's environment as the portal's, so that a test reads as the portal does. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { vi } from "vitest";
import { startPostgres, type TestDatabase, type TestPostgres } from "./postgres.ts";

export const INSTANCE = "0b1f6a52-6c1e-4f0e-9d51-3d5a6f3f7a01";
/** The portal keeps its pool here, because its bundles share one process. */
const POOL: unique symbol = Symbol.for("muster.portal.pool");

export interface PortalReading {
  readonly postgres: TestPostgres;
  /** A migrated database with the instance recorded, read from now on. @param history document for `muster.import_history`; null: an empty board */
  boardWith(history: object | null): Promise<TestDatabase>;
  /** The portal reads this database from now on. */
  readFrom(database: TestDatabase): void;
  /** After each test: connections and environment are gone. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPortalReading(): Promise<PortalReading> {
  const postgres = await startPostgres();
  const folder = mkdtempSync(join(tmpdir(), "muster-portal-"));
  writeFileSync(join(folder, "password"), "test\n");
  const readFrom = (database: TestDatabase) => {
    vi.stubEnv("ELK_OS_INSTANCE_ID", INSTANCE);
    vi.stubEnv("ELK_OS_DATABASE_HOST", "127.0.0.1");
    vi.stubEnv("ELK_OS_DATABASE_PORT", String(postgres.port));
    vi.stubEnv("ELK_OS_DATABASE_NAME", database.name);
    vi.stubEnv("ELK_OS_DATABASE_USER", "muster_portal");
    vi.stubEnv("ELK_OS_DATABASE_PASSWORD_FILE", join(folder, "password"));
  };
  return {
    postgres,
    readFrom,
    async boardWith(history) {
      const database = await postgres.createDatabase();
      const owner = await database.connect("postgres");
      await owner.query("insert into muster.instance (instance_id, system_identifier) values ($1, 'test')", [INSTANCE]);
      if (history !== null) await owner.query("select muster.import_history($1::jsonb)", [JSON.stringify(history)]);
      await owner.end();
      readFrom(database);
      return database;
    },
    async forget() {
      const slots: typeof globalThis & { [POOL]?: pg.Pool } = globalThis;
      await slots[POOL]?.end();
      Reflect.deleteProperty(globalThis, POOL);
      vi.unstubAllEnvs();
    },
    async stop() {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
