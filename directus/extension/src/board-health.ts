import type { IdentityHealth } from "@muster/board/identity";
import type { Knex } from "./directus-api.ts";

/** 2 s: longer than a loaded two-core machine needs for one catalogue row, short enough for a probe that waits 5 s. */
const ANSWER_TIMEOUT_MS = 2000;

const OK: IdentityHealth = { state: "OK", reasons: [] };
const degraded = (reason: string): IdentityHealth => ({ state: "DEGRADED", reasons: [reason] });

/**
 * Whether the board stands behind this Directus right now. Asked anew each time: the schema appears while Directus runs.
 * Reasons: `schema_absent` (before the first migrate), `database_unreachable`.
 */
export async function askBoardHealth(database: Knex): Promise<IdentityHealth> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<IdentityHealth>((resolve) => {
    timer = setTimeout(() => resolve(degraded("database_unreachable")), ANSWER_TIMEOUT_MS);
  });
  try {
    return await Promise.race([readSchemaState(database), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

async function readSchemaState(database: Knex): Promise<IdentityHealth> {
  try {
    const row = await database.withSchema("pg_catalog").from("pg_namespace").where({ nspname: "muster" }).first("oid");
    return row === undefined ? degraded("schema_absent") : OK;
  } catch {
    // The reason is the finding: whatever the client threw, the board cannot be asked.
    return degraded("database_unreachable");
  }
}
