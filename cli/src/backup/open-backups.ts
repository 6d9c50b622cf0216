import { join } from "node:path";
import pg from "pg";
import { administratorOf, loginOf } from "../database/logins.ts";
import { withScratchServer } from "../drivers/embedded/scratch-server.ts";
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

/** A throw-away server of the driver's own Postgres. @throws CliError DRIVER_UNAVAILABLE where the driver has none */
export function scratchServer<T>(
  stack: Stack,
  signal: AbortSignal,
  work: (server: WithDatabase) => Promise<T>,
): Promise<T> {
  if (stack.driver.id === "embedded") return withScratchServer(stack, signal, work);
  throw new CliError("DRIVER_UNAVAILABLE", {
    message: `The ${stack.driver.id} driver cannot try a backup on a scratch server yet.`,
    hint: "elk-os backup create --no-verify, then verify the backup on an embedded instance.",
  });
}
