import { readSql } from "../drivers/embedded/read-sql.ts";
import { CliError } from "../errors/cli-error.ts";
import type { Stack } from "../stack/stack.ts";
import { findInstance } from "../state/instance.ts";
import { askExternal } from "./ask-external.ts";
import { administratorOf } from "./logins.ts";
import { lookAtExternal, onWritable, waysTo } from "./look.ts";

/**
 * Drops the board, Directus's tables and all rights of their roles in the external database; database and roles stay. Twice is as once.
 * @throws CliError USAGE_INVALID without an external Postgres, DATABASE_OF_ANOTHER when the board is another instance's
 */
export async function emptyDatabase({ config, paths }: Pick<Stack, "config" | "paths">): Promise<void> {
  const administrator = administratorOf(config);
  if (administrator === null) {
    throw new CliError("USAGE_INVALID", {
      message: "--drop-database is for an external Postgres; this instance's own goes with its state folder.",
      hint: "elk-os reset --yes",
    });
  }
  const { sessions } = waysTo(config);
  const { instance } = await lookAtExternal(sessions, administrator);
  const own = findInstance(paths.instance)?.instanceId ?? null;
  if (instance !== null && instance !== own) {
    throw new CliError("DATABASE_OF_ANOTHER", {
      message: `The database holds the board of instance ${instance}; this state folder is ${own === null ? "of none" : `of ${own}`}.`,
      hint: "Reset that instance; without --drop-database the database is left as it is.",
    });
  }
  await onWritable(sessions, (only) =>
    askExternal(only, administrator, async (client) => {
      await client.query(readSql("transaction.begin"));
      await client.query(readSql("external.empty"));
      await client.query(readSql("transaction.commit"));
    }),
  );
}
