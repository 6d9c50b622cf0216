import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { LOG_NAMES } from "../services/logs.ts";
import { withStack } from "../stack/open-stack.ts";
import { mergeLines } from "../support/log-tail.ts";
import { readLogs } from "../support/read-logs.ts";
import { redactor } from "../support/redact.ts";
import type { Command } from "./command.ts";

const DEFAULT_LINES = 40;

export const logs: Command = {
  name: "logs",
  summary: "Show the end of the services' logs",
  help: `Secrets of the instance, callers' tokens and nonces are taken out. A log is rotated at 10 MB and three older ones are kept beside it. Of the compose
driver it is what the engine keeps: with the proxy's, without a supervisor's, and gone with the container at \`elk-os down\`.

  elk-os logs                     the last ${DEFAULT_LINES} lines of each
  elk-os logs --merge             the same in order of time, one list
  elk-os logs directus --lines 200`,
  arguments: [{ name: "[service]", description: "one log only", choices: LOG_NAMES }],
  options: [
    { flags: "--lines <n>", description: `lines of each log (default ${DEFAULT_LINES})` },
    { flags: "--merge", description: "one list in order of time" },
  ],
  async run({ args, options, loaded, signal }) {
    const wanted = options["lines"] ?? DEFAULT_LINES;
    const count = Number(wanted);
    if (!Number.isInteger(count) || count < 1) {
      throw new CliError("USAGE_INVALID", {
        message: `--lines is "${wanted}", which is not a positive whole number.`,
        hint: "Use --lines 200.",
      });
    }
    return withStack(loaded, async ({ driver, secrets }) => {
      const redact = redactor(secrets);
      const names = args[0] === undefined ? driver.logs : driver.logs.filter((name) => name === args[0]);
      if (names.length === 0) {
        throw new CliError("USAGE_INVALID", {
          message: `With the ${driver.id} driver there is no log of ${args[0]}.`,
          hint: `There are: ${driver.logs.join(", ")}.`,
        });
      }
      const entries = (await readLogs(driver, count, signal, names)).map(({ service, lines }) => ({
        service,
        lines: lines.map(redact),
      }));
      if (options["merge"] === true) {
        const merged = mergeLines(entries);
        return {
          exit: EXIT.ok,
          data: { merged },
          lines: merged.map(({ at, service, line }) => `${(at ?? "").padEnd(24)} ${service.padEnd(10)} ${line}`),
        };
      }
      return {
        exit: EXIT.ok,
        data: { logs: entries },
        lines: entries.flatMap(({ service, lines }) =>
          lines.map((line) => (names.length === 1 ? line : `${service.padEnd(10)} ${line}`)),
        ),
      };
    });
  },
};
