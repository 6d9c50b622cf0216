import { scramVerifier } from "@muster/board/scram";
import pg from "pg";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { CliError } from "../errors/cli-error.ts";
import { MAINTENANCE_DATABASE } from "../stack/connections.ts";
import { databaseAddress } from "../stack/database-address.ts";
import type { DatabaseRole } from "../stack/database-roles.ts";
import { changed, live, type SecretUse, unknown } from "./standing.ts";

/** invalid_password, and no such role. */
const REFUSED: ReadonlySet<string> = new Set(["28P01", "28000"]);
const CONNECT_TIMEOUT_MS = 5_000;

/** Postgres runs elsewhere, and its administrator's password is in the settings. */
const SCRATCH_ONLY = "opens the scratch server on which a backup is tried, and nothing else";

/** insufficient_privilege: a superuser is never told so, a login to a Postgres that runs elsewhere may be. */
const FORBIDDEN = "42501";

function mayNotSet(role: DatabaseRole, cause: unknown): CliError {
  return new CliError("DATABASE_RIGHTS_MISSING", {
    message: `Our login may not set the password of ${role}.`,
    hint: "elk-os plan --database-sql prints what an administrator of the server runs: it sets the passwords to what secrets/ holds.",
    cause,
  });
}

/** The password of a login role. Only its verifier reaches Postgres, as a parameter. */
export function databasePassword(role: DatabaseRole): SecretUse {
  return {
    async look({ config, paths }, value) {
      if (role === "postgres" && config.databaseUrl !== undefined) return live(SCRATCH_ONLY);
      const client = new pg.Client({
        ...databaseAddress(config, paths),
        // Every role may enter its own database only; a refusal of the password comes before that is asked.
        database: role === "postgres" ? MAINTENANCE_DATABASE : "muster",
        user: role,
        password: value.reveal(),
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        application_name: "elk-os secrets",
      });
      client.on("error", () => undefined);
      try {
        await client.connect();
        return live(`${role} logged in`);
      } catch (error) {
        const refusal = error instanceof pg.DatabaseError && REFUSED.has(error.code ?? "");
        return refusal ? changed(`Postgres refuses it for ${role}`) : unknown(error);
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    async put({ connections, config }, value) {
      if (role === "postgres" && config.databaseUrl !== undefined) return;
      await connections
        .withClient("postgres", async (client) => {
          await client.query(readSql("role.functions"));
          await client.query(readSql("role.set-password"), [role, scramVerifier(value.reveal())]);
        })
        .catch((error: unknown) => {
          throw error instanceof pg.DatabaseError && error.code === FORBIDDEN ? mayNotSet(role, error) : error;
        });
    },
  };
}
