import { z } from "zod";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { CliError } from "../errors/cli-error.ts";
import { isAlive } from "../host/process-table.ts";
import type { Stack } from "../stack/stack.ts";
import { findHolder } from "../state/lock.ts";
import type { Activity } from "./judge-idle.ts";

const activityRow = z.object({ leases: z.int(), newest_event: z.date().nullable(), now: z.date() });

/** Looks only. @throws CliError BOARD_UNREACHABLE when no service runs or Postgres does not answer */
export async function readActivity({ connections, driver, paths }: Stack): Promise<Activity> {
  const starts = (await driver.status()).flatMap(({ startedAt, pid }) =>
    startedAt === null || pid === null ? [] : [Date.parse(startedAt)],
  );
  if (starts.length === 0) {
    throw new CliError("BOARD_UNREACHABLE", {
      message: "No service of this instance runs, so nobody can say whether it is in use.",
      hint: "Run `elk-os status`, then `elk-os up`.",
    });
  }
  const { rows } = await connections.withClient("postgres", (client) => client.query(readSql("board.activity")));
  const { leases, newest_event, now } = activityRow.parse(rows[0]);
  const holder = findHolder(paths.lock);
  return {
    leases,
    newestEvent: newest_event,
    upSince: new Date(Math.min(...starts)),
    atWork: holder !== null && isAlive(holder) ? holder.command : null,
    now,
  };
}
