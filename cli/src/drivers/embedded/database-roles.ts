import { scramVerifier } from "@muster/board/scram";
import pg from "pg";
import { type Login, loginOf } from "../../database/logins.ts";
import { LOOPBACK } from "../../services/service-def.ts";
import { DATABASE_NAME, MAINTENANCE_DATABASE } from "../../stack/connections.ts";
import { DATABASE_ROLES, type DatabaseRole } from "../../stack/database-roles.ts";
import type { SecretStore } from "../../state/secrets.ts";
import { readSql } from "./read-sql.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** Owns the board's tables and can never log in. */
const OWNER_ROLE = "muster_owner";
/** Roles in whose name the administrator works; a superuser needs no membership. */
const ADMINISTERED_ROLES = [OWNER_ROLE, "muster_directus"] as const;
const LOGIN_ROLES = Object.keys(DATABASE_ROLES).filter((role) => role !== "postgres") as DatabaseRole[];

export interface DatabaseAccess {
  /** Left out: loopback. */
  readonly host?: string;
  readonly port: number;
  readonly secrets: SecretStore;
  /** Who administers a Postgres that runs elsewhere; left out or null: the superuser of the instance's own. */
  readonly administrator?: Login | null;
}

/**
 * Makes the database, the owner role, and one login per service with a password of its own. Roles exist before
 * their services start. True when something was made or a password was changed.
 */
export async function ensureDatabaseRoles(access: DatabaseAccess): Promise<boolean> {
  const found = await findDatabase(access);
  const created = found === "absent";
  if (created) {
    await withClient(access, "postgres", MAINTENANCE_DATABASE, (client) => client.query(readSql("database.create")));
  }
  const stale: DatabaseRole[] = [];
  for (const role of LOGIN_ROLES) if (created || !(await canLogIn(access, role))) stale.push(role);
  if (found === "granted" && stale.length === 0) return false;

  await withClient(access, "postgres", DATABASE_NAME, async (client) => {
    await client.query(readSql("transaction.begin"));
    await client.query(readSql("role.functions"));
    await client.query(readSql("role.ensure-group"), [OWNER_ROLE]);
    for (const role of stale) {
      const verifier = scramVerifier(access.secrets.read(DATABASE_ROLES[role]).reveal());
      await client.query(readSql("role.ensure-login"), [role, verifier]);
    }
    for (const role of ADMINISTERED_ROLES) await client.query(readSql("role.join"), [role]);
    await client.query(readSql("role.grants"));
    await client.query(readSql("transaction.commit"));
  });
  return true;
}

/** Asked of the database itself: where Postgres runs elsewhere, no other may be open to us. `bare`: nobody was granted anything in it yet. */
async function findDatabase(access: DatabaseAccess): Promise<"absent" | "bare" | "granted"> {
  try {
    return await withClient(access, "postgres", DATABASE_NAME, async (client) => {
      const { rows } = await client.query<{ is_granted: boolean }>(readSql("role.granted"));
      return rows[0]?.is_granted === true ? "granted" : "bare";
    });
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === NO_SUCH_DATABASE) return "absent";
    throw error;
  }
}

const NO_SUCH_DATABASE = "3D000";

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

/**
 * invalid_password, invalid_authorization_specification (no such role), insufficient_privilege (may not connect), no such database; and
 * protocol_violation, by which a pooler says that the server refused it in the role's name.
 */
const REFUSALS: ReadonlySet<string> = new Set(["28P01", "28000", "42501", "08P01", NO_SUCH_DATABASE]);

export async function withClient<T>(
  { host, port, secrets, administrator }: DatabaseAccess,
  role: DatabaseRole,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { user, password } = loginOf(role, secrets, administrator);
  const client = new pg.Client({
    host: host ?? LOOPBACK,
    port,
    database,
    user,
    password: password.reveal(),
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
