/** The portal's connections: role muster_portal, at most four, every statement with a deadline. */
import { readFileSync } from "node:fs";
import pg from "pg";
import { databaseSettings, isPooled } from "../env.ts";

const CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;

/** A pooler refuses a connection that comes with settings of its own. */
const SESSION_SETTINGS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  idle_in_transaction_session_timeout: 2 * STATEMENT_TIMEOUT_MS,
  // The pages share their processors with the other services, and none of their statements is long enough to be worth a second process.
  options: "-c max_parallel_workers_per_gather=0",
} as const;

/** proxy.ts and the pages are separate bundles of one process; a global symbol lets them share the pool. */
const SLOT: unique symbol = Symbol.for("muster.portal.pool");
const slots: typeof globalThis & { [SLOT]?: pg.Pool } = globalThis;

/** Made on first use. Throws when the environment or the password file is missing; the next call tries again. */
export function pool(): pg.Pool {
  slots[SLOT] ??= createPool();
  return slots[SLOT];
}

function createPool(): pg.Pool {
  const { passwordFile, ...settings } = databaseSettings();
  const created = new pg.Pool({
    ...settings,
    // Read at each connect, so that a rotated password needs no restart.
    password: () => readFileSync(passwordFile, "utf8").trim(),
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
    ...(isPooled() ? {} : SESSION_SETTINGS),
    application_name: "muster-portal",
    allowExitOnIdle: true,
  });
  // An idle connection that the server ends is replaced at the next query, which reports what is wrong.
  created.on("error", () => undefined);
  return created;
}
