import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runMigrations } from "@muster/board/migrate";
import { loadMigrations } from "@muster/board/sql-files";
import pg from "pg";
import { getInstance } from "../../../cli/src/state/instance.ts";
import type { DrivenInstance } from "./driven-instance.ts";

/** The board's schema in a driven instance whose Postgres runs, without a Directus: what search reads, in two seconds instead of minutes. */
export async function migrateBoard({ state, ports }: DrivenInstance): Promise<void> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port: ports[0],
    user: "postgres",
    database: "muster",
    password: readFileSync(join(state, "secrets", "postgres_superuser_password"), "utf8"),
  });
  await client.connect();
  try {
    await client.query(readFileSync(new URL("../directus-stub.sql", import.meta.url), "utf8"));
    await runMigrations(client, { files: loadMigrations(), cliVersion: "test" });
    await client.query("select muster.ensure_instance($1)", [getInstance(join(state, "instance.json")).instanceId]);
  } finally {
    await client.end();
  }
}
