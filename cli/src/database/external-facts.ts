import type pg from "pg";
import { z } from "zod";
import { readSql } from "../drivers/embedded/read-sql.ts";

const names = z.array(z.string());
const factsRow = z.object({
  version_number: z.int(),
  is_standby: z.boolean(),
  is_read_only: z.boolean(),
  encoding: z.string(),
  locale: z.string(),
  password_encryption: z.string(),
  connections: z.int(),
  synchronous_commit: z.string(),
  synchronous_standby_names: z.string(),
  is_superuser: z.boolean(),
  makes_roles: z.boolean(),
  owns_database: z.boolean(),
  missing_roles: names,
  closed_roles: names,
  fixed_roles: names,
  has_board: z.boolean(),
});

/** What the server is and what our login may do there, by the columns of cli/sql/external.facts.sql. */
export type ExternalFacts = z.infer<typeof factsRow>;

export async function readExternalFacts(client: pg.Client): Promise<ExternalFacts> {
  return factsRow.parse((await client.query(readSql("external.facts"))).rows[0]);
}
