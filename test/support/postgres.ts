/** A real Postgres for tests, in a temporary folder and gone afterwards. */
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { loadMigrations, type MigrationFile } from "../../board/src/sql-files.ts";
import {
  type DatabaseRole,
  layOutServer,
  type PostgresServer,
  reachableNative,
  serverUser,
} from "./postgres-server.ts";
import { copyTemplate, TEMPLATES } from "./postgres-template.ts";

export interface TestPostgres {
  readonly port: number;
  /** A fresh database: a copy of the migrated template, or, with migrated false, one that has Directus's tables only. */
  createDatabase(options?: { readonly migrated?: boolean }): Promise<TestDatabase>;
  /** Where its data is; for copies while it does not run. */
  readonly dataFolder: string;
  /** A database that is there. */
  openDatabase(name: string): TestDatabase;
  /** Ends every connection it made and the server, and leaves its data whole. */
  halt(): Promise<void>;
  /** SIGKILL to the server; its backends follow. Everything open breaks. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with whatever data is there now. */
  start(): Promise<void>;
  /** Ends every connection it made, stops the server and removes its folder. */
  stop(): Promise<void>;
}

export interface TestDatabase {
  readonly name: string;
  /** A new connection as that role. */
  connect(role: DatabaseRole): Promise<pg.Client>;
  /** Ends this database's connections and drops it. */
  drop(): Promise<void>;
}

/**
 * Starts a cluster (a third of a second, and 3 s when its template is not in the cache yet). The template is migrated with `files`, by default with
 * every migration of this version; later settings win.
 */
export function startPostgres(
  files: readonly MigrationFile[] = loadMigrations(),
  extraSettings: readonly string[] = [],
): Promise<TestPostgres> {
  return startCluster((data) => copyTemplate(files, data), extraSettings);
}

/**
 * Starts a cluster on the data folder that `lay` makes: a copy of a template, or of one that was halted. `native`: folder of the programs, by default
 * those of the checkout.
 */
export async function startCluster(
  lay: (data: string) => Promise<void>,
  extraSettings: readonly string[],
  native?: string,
): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "muster-postgres-"));
  let server: PostgresServer | undefined;
  const stop = async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const user = serverUser();
    if (user !== null) chownSync(folder, user.uid, user.gid);
    const data = join(folder, "data");
    await lay(data);
    const settings = ["fsync=off", ...extraSettings];
    server = await layOutServer({ folder, data, native: native ?? reachableNative(folder), settings });
    const { port, connect, kill, start } = server;
    let admin = await start();
    let made = 0;
    const openDatabase = (name: string): TestDatabase => {
      const own: pg.Client[] = [];
      return {
        name,
        async connect(role) {
          const client = await connect(name, role);
          own.push(client);
          return client;
        },
        async drop() {
          await Promise.all(own.splice(0).map((client) => client.end()));
          await admin.query(`drop database ${name}`);
        },
      };
    };
    return {
      port,
      dataFolder: data,
      async createDatabase({ migrated = true } = {}) {
        made += 1;
        const name = `test_${made}`;
        await admin.query(`create database ${name} template ${migrated ? TEMPLATES.migrated : TEMPLATES.bare}`);
        return openDatabase(name);
      },
      openDatabase,
      halt: server.stop,
      kill,
      async start() {
        admin = await start();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
