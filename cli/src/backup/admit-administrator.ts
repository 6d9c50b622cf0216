import type pg from "pg";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { CliError } from "../errors/cli-error.ts";
import type { Secret } from "../state/secret.ts";

/** Whom this instance's commands are to Directus. */
export interface Administrator {
  /** Address of its user. */
  readonly email: string;
  readonly token: Secret;
}

/**
 * Lets this instance's administrator into a loaded board: one of another instance, or of before the token was rotated, knows another token, and its
 * Directus would be taken for a stranger's. The password stays the backup's. Idempotent.
 * @throws CliError CONFIG_VALUE_INVALID when the board has neither the token nor an active user of that address
 */
export async function admitAdministrator(client: pg.Client, { email, token }: Administrator): Promise<void> {
  await client.query(readSql("log.keep-parameters-out"));
  const known = await client.query<{ present: boolean }>(readSql("directus.admin-by-token"), [token.reveal()]);
  if (known.rows[0]?.present === true) return;
  const { rows } = await client.query<{ id: string }>(readSql("directus.administrator"), [email]);
  const [administrator] = rows;
  if (administrator === undefined) {
    throw new CliError("CONFIG_VALUE_INVALID", {
      message: `The backup's Directus knows neither this instance's administrator token nor an active user with the address ${email}. Nothing was changed.`,
      hint: "Set ELK_OS_ADMIN_EMAIL to the address of an administrator of that board, and restore again.",
    });
  }
  await client.query(readSql("directus.set-token"), [administrator.id, token.reveal()]);
}
