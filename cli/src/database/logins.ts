import type { Config } from "../config/schema.ts";
import { DATABASE_ROLES, type DatabaseRole } from "../stack/database-roles.ts";
import type { Secret } from "../state/secret.ts";
import type { SecretStore } from "../state/secrets.ts";
import { parseDatabaseUrl } from "./parse-url.ts";

export interface Login {
  readonly user: string;
  readonly password: Secret;
}

/** Who administers the Postgres that the settings name: the login that has sessions, past a pooler; null: the instance runs its own. */
export function administratorOf({
  databaseUrl,
  databaseListenUrl,
}: Pick<Config, "databaseUrl" | "databaseListenUrl">): Login | null {
  const url = databaseListenUrl ?? databaseUrl;
  return url === undefined ? null : parseDatabaseUrl(url.reveal());
}

/** With what to log in as a role: `postgres` stands for whoever administers the server. @throws CliError STATE_UNREADABLE */
export function loginOf(role: DatabaseRole, secrets: SecretStore, administrator: Login | null | undefined): Login {
  if (role === "postgres" && administrator != null) return administrator;
  return { user: role, password: secrets.read(DATABASE_ROLES[role]) };
}
