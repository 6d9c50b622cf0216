import { scramVerifier } from "@muster/board/scram";
import pg from "pg";
import { LOOPBACK } from "../../services/service-def.ts";
import { DATABASE_NAME, DATABASE_ROLES, type DatabaseRole } from "../../stack/connections.ts";
import type { SecretStore } from "../../state/secrets.ts";
import { readSql } from "./read-sql.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** Owns the board's tables and can never log in. */
const OWNER_ROLE = "muster_owner";
const LOGIN_ROLES = Object.keys(DATABASE_ROLES).filter((role) => role !== "postgres") as DatabaseRole[];

export interface DatabaseAccess {
  /** Left out: loopback. */
  readonly host?: string;
  readonly port: number;
  readonly secrets: SecretStore;
}

/**
 * Makes the database, the owner role, and one login per service with a password of its own. Roles exist before
 * their services start. True when something was made or a password was changed.
 */
export async function ensureDatabaseRoles(access: DatabaseAccess): Promise<boolean> {
  const created = await withClient(access, "postgres", "postgres", async (client) => {
    const { rows } = await client.query<{ present: boolean }>(readSql("database.find"), [DATABASE_NAME]);
    if (rows[0]?.present === true) return false;
    await client.query(readSql("database.create"));
    return true;
  });
  const stale: DatabaseRole[] = [];
  for (const role of LOGIN_ROLES) if (created || !(await canLogIn(access, role))) stale.push(role);
  if (!created && stale.length === 0) return false;

  await withClient(access, "postgres", DATABASE_NAME, async (client) => {
    await client.query(readSql("transaction.begin"));
    await client.query(readSql("role.functions"));
    await client.query(readSql("role.ensure-group"), [OWNER_ROLE]);
    for (const role of stale) {
      const verifier = scramVerifier(access.secrets.read(DATABASE_ROLES[role]).reveal());
      await client.query(readSql("role.ensure-login"), [role, verifier]);
    }
    await client.query(readSql("role.grants"));
    await client.query(readSql("transaction.commit"));
  });
  return true;
}

/** Does the role's own password open the database? SCRAM proves both sides: the server, too, must know the verifier. */
export async function canLogIn(access: DatabaseAccess, role: DatabaseRole): Promise<boolean> {
  try {
    await withClient(access, role, DATABASE_NAME, async () => undefined);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && REFUSALS.has(error.code ?? "")) return false;
    throw error;
  }
}

/** invalid_password, invalid_authorization_specification (no such role), insufficient_privilege (may not connect), no such database. */
const REFUSALS: ReadonlySet<string> = new Set(["28P01", "28000", "42501", "3D000"]);

export async function withClient<T>(
  { host, port, secrets }: DatabaseAccess,
  role: DatabaseRole,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: host ?? LOOPBACK,
    port,
    database,
    user: role,
    password: secrets.read(DATABASE_ROLES[role]).reveal(),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: "elk-os up",
  });
  // A connection that breaks later rejects the query it carries; without a listener it would also end this process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
