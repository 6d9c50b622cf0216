import pg from "pg";
import { type Login, loginOf } from "../database/logins.ts";
import { CliError } from "../errors/cli-error.ts";
import type { SecretStore } from "../state/secrets.ts";
import type { DatabaseAddress } from "./database-address.ts";
import type { DatabaseRole } from "./database-roles.ts";

/** Name of the one database of an instance. */
export const DATABASE_NAME = "muster";
/** Exists in every cluster; where databases are made, renamed and dropped from. */
export const MAINTENANCE_DATABASE = "postgres";

const STATEMENT_MS = 30_000;

/** What differs where Postgres runs elsewhere. */
export interface Elsewhere {
  readonly administrator: Login | null;
  /** Services and their roles reach it through a transaction pooler. */
  readonly isPooled: boolean;
}

const NOT_ELSEWHERE: Elsewhere = { administrator: null, isPooled: false };

/** Pools by role, opened on first use and closed together. */
export class Connections {
  readonly #pools = new Map<DatabaseRole, pg.Pool>();
  readonly #address: () => DatabaseAddress;
  readonly #secrets: SecretStore;
  readonly #administrator: Login | null;
  readonly #isPooled: boolean;

  /** `administrator`: of a Postgres that runs elsewhere; null: the role `postgres` is the superuser of the instance's own. */
  constructor(address: () => DatabaseAddress, secrets: SecretStore, elsewhere: Elsewhere = NOT_ELSEWHERE) {
    this.#address = address;
    this.#secrets = secrets;
    this.#administrator = elsewhere.administrator;
    this.#isPooled = elsewhere.isPooled;
  }

  /** Name that the server knows a role by. */
  userOf(role: DatabaseRole): string {
    return role === "postgres" ? (this.#administrator?.user ?? role) : role;
  }

  /** A pool of at most two connections; a statement may take 30 s, a connection attempt 3 s. */
  pool(role: DatabaseRole): pg.Pool {
    const open = this.#pools.get(role);
    if (open !== undefined) return open;
    const { user, password } = loginOf(role, this.#secrets, this.#administrator);
    const pool = new pg.Pool({
      ...this.#address(),
      database: DATABASE_NAME,
      user,
      password: password.reveal(),
      max: 2,
      connectionTimeoutMillis: 3_000,
      // A pooler takes no settings of a session at the start of one.
      ...(this.#isPooled && role !== "postgres"
        ? { query_timeout: STATEMENT_MS }
        : { statement_timeout: STATEMENT_MS }),
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
