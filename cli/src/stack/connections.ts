import pg from "pg";
import { CliError } from "../errors/cli-error.ts";
import type { SecretName, SecretStore } from "../state/secrets.ts";
import type { DatabaseAddress } from "./database-address.ts";

/** Login roles of the board's database, each with the secret that opens it. */
export const DATABASE_ROLES = {
  postgres: "postgres_superuser_password",
  muster_directus: "muster_directus_password",
  muster_portal: "muster_portal_password",
  muster_rag: "muster_rag_password",
} as const satisfies Record<string, SecretName>;

export type DatabaseRole = keyof typeof DATABASE_ROLES;

/** Name of the one database of an instance. */
export const DATABASE_NAME = "muster";
/** Exists in every cluster; where databases are made, renamed and dropped from. */
export const MAINTENANCE_DATABASE = "postgres";

/** Pools by role, opened on first use and closed together. */
export class Connections {
  readonly #pools = new Map<DatabaseRole, pg.Pool>();
  readonly #address: () => DatabaseAddress;
  readonly #secrets: SecretStore;

  constructor(address: () => DatabaseAddress, secrets: SecretStore) {
    this.#address = address;
    this.#secrets = secrets;
  }

  /** A pool of at most two connections; a statement may take 30 s, a connection attempt 3 s. */
  pool(role: DatabaseRole): pg.Pool {
    const open = this.#pools.get(role);
    if (open !== undefined) return open;
    const pool = new pg.Pool({
      ...this.#address(),
      database: DATABASE_NAME,
      user: role,
      password: this.#secrets.read(DATABASE_ROLES[role]).reveal(),
      max: 2,
      connectionTimeoutMillis: 3_000,
      statement_timeout: 30_000,
      application_name: "elk-os",
    });
    // An idle connection that Postgres closes (a restart) is replaced on next use; without a listener it would crash us.
    pool.on("error", () => {});
    this.#pools.set(role, pool);
    return pool;
  }

  /** Runs work on one connection, which a transaction needs. @throws CliError BOARD_UNREACHABLE */
  async withClient<T>(role: DatabaseRole, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient;
    try {
      client = await this.pool(role).connect();
    } catch (cause) {
      const { host, port } = this.#address();
      throw new CliError("BOARD_UNREACHABLE", {
        message: `Postgres did not take a connection of ${role} on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: "Run `elk-os status`, then `elk-os up`.",
        cause,
      });
    }
    try {
      return await work(client);
    } finally {
      client.release();
    }
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.end()));
  }
}
