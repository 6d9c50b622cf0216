import { assertDatabaseReady } from "../database/preflight.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { withStack } from "../stack/open-stack.ts";
import { withLock } from "../state/lock.ts";
import type { Command } from "./command.ts";

export const failover: Command = {
  name: "failover",
  summary: "After a failover of an external Postgres that lost writes: refuse every claim and token of before",
  help: `A standby that followed asynchronously may lack the last commits. Whoever was told of a claim that is now lost still holds its fence, and another
may be given the same. This begins a new incarnation of the board: every live claim ends, its task is ready again, and every fence of before is
refused. So --yes is needed. After a synchronous failover nothing was lost, and nothing is to be done. Services find the new primary by themselves.

  elk-os failover --yes`,
  options: [
    { flags: "--yes", description: "confirm that every live claim may end" },
    { flags: "--reason <text>", description: "kept with the tasks whose claims end (default: failover)" },
  ],
  run: ({ loaded, options }) =>
    withStack(loaded, async (stack) => {
      stack.instance();
      if (stack.config.databaseUrl === undefined) {
        throw new CliError("USAGE_INVALID", {
          message: "This instance runs a Postgres of its own, which nothing fails over from.",
          hint: "After a restore nothing is to be done either: elk-os restore begins a new incarnation itself.",
        });
      }
      if (options["yes"] !== true) {
        throw new CliError("DESTRUCTIVE_REFUSED", {
          message:
            "failover ends every live claim: agents lose what they hold, and late work is kept as evidence only.",
          hint: "If that is meant: elk-os failover --yes",
        });
      }
      const reason = typeof options["reason"] === "string" ? options["reason"] : "failover";
      return withLock({ path: stack.paths.lock, command: "failover" }, async () => {
        await assertDatabaseReady(stack);
        const { rows } = await stack.connections.withClient("postgres", (client) =>
          client.query<{ new_incarnation: { incarnation: number } }>(readSql("incarnation.bump"), [reason]),
        );
        const incarnation = rows[0]?.new_incarnation.incarnation;
        return {
          exit: EXIT.ok,
          data: { ok: true, changed: 1, incarnation },
          lines: [`incarnation ${incarnation}: every claim and fence of before is refused`, "Next      elk-os doctor"],
        };
      });
    }),
};
