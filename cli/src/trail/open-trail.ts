import { join } from "node:path";
import type { Queryable } from "@muster/board/queryable";
import type { LoadedConfig } from "../config/load.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import type { DatabaseRole } from "../stack/database-roles.ts";
import { withStack } from "../stack/open-stack.ts";
import type { Stack } from "../stack/stack.ts";
import type { TrailPlaces } from "./list-moments.ts";

/** Where the record of an instance's trail lies. */
export function trailPlaces({ checkout, paths }: Pick<Stack, "checkout" | "paths">): TrailPlaces {
  return { log: join(checkout, "log"), heads: paths.checkpoints, restores: paths.restores };
}

/** Reads the trail as the database's administrator, in one read-only transaction that sees one moment. @throws CliError BOARD_UNREACHABLE */
export function withTrail<T>(
  loaded: LoadedConfig,
  work: (db: Queryable, places: TrailPlaces) => Promise<T>,
): Promise<T> {
  return withStack(loaded, (stack) =>
    stack.connections.withClient("postgres", (client) => asOfNow(client, () => work(client, trailPlaces(stack)))),
  );
}

/** Runs work in a read-only transaction that sees one moment. */
export async function asOfNow<T>(client: Queryable, work: () => Promise<T>): Promise<T> {
  await client.query(readSql("snapshot.begin"));
  try {
    return await work();
  } finally {
    await client.query(readSql("snapshot.end"));
  }
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
