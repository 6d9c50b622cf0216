import { CliError } from "../errors/cli-error.ts";
import type { Stack } from "../stack/stack.ts";

/** For what makes, renames and closes databases, or loads rows past the law: a superuser's work. @throws CliError DATABASE_ELSEWHERE */
export function assertOwnDatabase({ config }: Pick<Stack, "config">): void {
  if (config.databaseUrl === undefined) return;
  throw new CliError("DATABASE_ELSEWHERE", {
    message: "The board is in an external Postgres, and elk-os puts no backup in its place there.",
    hint: "Restore it at the server (a snapshot, or a point in time), then elk-os failover --yes. elk-os backup verify still proves a backup here.",
  });
}
