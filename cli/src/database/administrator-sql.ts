import { scramVerifier } from "@muster/board/scram";
import pg from "pg";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { DATABASE_NAME } from "../stack/connections.ts";
import { DATABASE_ROLES } from "../stack/database-roles.ts";
import type { SecretStore } from "../state/secrets.ts";

/**
 * What an administrator of the server runs, so that `login` needs no right but those that it gives. Passwords are in it as SCRAM verifiers
 * only. Those are salted anew each time, and each opens for the same password.
 * @throws CliError STATE_UNREADABLE before `init`
 */
export function administratorSql(login: string, secrets: SecretStore): string {
  const verifiers = Object.entries(DATABASE_ROLES).map(
    ([role, secret]) => [role, scramVerifier(secrets.read(secret).reveal())] as const,
  );
  return fillIn(readSql("external.administrator"), {
    login,
    database: DATABASE_NAME,
    ...Object.fromEntries(verifiers),
  });
}

/** Fills in psql's variables, :"name" as an identifier and :'name' as text, so that the script runs anywhere. Pure. */
export function fillIn(script: string, values: Readonly<Record<string, string>>): string {
  return script.replace(/:(["'])(\w+)\1/g, (whole, quote: string, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return quote === "'" ? pg.escapeLiteral(value) : pg.escapeIdentifier(value);
  });
}
