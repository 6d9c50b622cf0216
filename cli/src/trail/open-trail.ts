import { join } from "node:path";
import type { Queryable } from "@muster/board/queryable";
import type { LoadedConfig } from "../config/load.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import type { DatabaseRole } from "../stack/connections.ts";
import { withStack } from "../stack/open-stack.ts";
import type { CheckpointPlaces } from "./checkpoints.ts";

/** Reads the trail as the database's administrator, in one read-only transaction that sees one moment. @throws CliError BOARD_UNREACHABLE */
export function withTrail<T>(
  loaded: LoadedConfig,
  work: (db: Queryable, places: CheckpointPlaces) => Promise<T>,
): Promise<T> {
  return withStack(loaded, ({ connections, paths, checkout }) =>
    connections.withClient("postgres", async (client) => {
      await client.query(readSql("snapshot.begin"));
      try {
        return await work(client, { log: join(checkout, "log"), heads: paths.checkpoints });
      } finally {
        await client.query(readSql("snapshot.end"));
      }
    }),
  );
}

/** Rows of one statement of `cli/sql/`, as that login. @throws CliError BOARD_UNREACHABLE */
export function readRows(
  loaded: LoadedConfig,
  role: DatabaseRole,
  name: string,
  values: unknown[] = [],
): Promise<readonly unknown[]> {
  return withStack(loaded, ({ connections }) =>
    connections.withClient(role, async (client) => (await client.query<object>(readSql(name), values)).rows),
  );
}
