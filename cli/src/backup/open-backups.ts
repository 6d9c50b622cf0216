import { join } from "node:path";
import pg from "pg";
import { administratorOf, loginOf } from "../database/logins.ts";
import { CliError } from "../errors/cli-error.ts";
import { databaseAddress } from "../stack/database-address.ts";
import type { Stack } from "../stack/stack.ts";
import type { WithDatabase } from "./database.ts";

/** Folder of the backups of one instance; closed to others, as they hold every row of the board. */
export function backupsFolder({ paths }: Pick<Stack, "paths">): string {
  return join(paths.root, "backups");
}

/** The live server, as who administers it. @throws CliError BOARD_UNREACHABLE */
export function liveServer({ config, paths, secrets }: Stack): WithDatabase {
  return async (database, work) => {
    const { host, port } = databaseAddress(config, paths);
    const { user, password } = loginOf("postgres", secrets, administratorOf(config));
    const client = new pg.Client({
      host,
      port,
      database,
      user,
      password: password.reveal(),
      connectionTimeoutMillis: 5_000,
      application_name: "elk-os backup",
    });
    client.on("error", () => undefined);
    await client.connect().catch((cause: unknown) => {
      throw new CliError("BOARD_UNREACHABLE", {
        message: `Postgres did not take a connection on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: "Run `elk-os status`, then `elk-os up`.",
        cause,
      });
    });
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
}
