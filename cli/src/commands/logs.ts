import { join } from "node:path";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { CHORE_IDS } from "../services/chores.ts";
import { SERVICE_IDS } from "../services/service-def.ts";
import { statePaths } from "../state/paths.ts";
import { openSecrets } from "../state/secrets.ts";
import { mergeLines, readTail } from "../support/log-tail.ts";
import { redactor } from "../support/redact.ts";
import type { Command } from "./command.ts";

/** The supervisor writes a log of its own beside those of the services, and each of its chores does. */
const LOGS = [...SERVICE_IDS, "supervisor", ...CHORE_IDS] as const;
const DEFAULT_LINES = 40;

export const logs: Command = {
  name: "logs",
  summary: "Show the end of the services' logs",
  help: `Secrets of the instance, callers' tokens and nonces are taken out. A log is rotated at 10 MB and three older ones are kept beside it.

  elk-os logs                     the last ${DEFAULT_LINES} lines of each
  elk-os logs --merge             the same in order of time, one list
  elk-os logs directus --lines 200`,
  arguments: [{ name: "[service]", description: "one log only", choices: LOGS }],
  options: [
    { flags: "--lines <n>", description: `lines of each log (default ${DEFAULT_LINES})` },
    { flags: "--merge", description: "one list in order of time" },
  ],
  async run({ args, options, loaded }) {
    const wanted = options["lines"] ?? DEFAULT_LINES;
    const count = Number(wanted);
    if (!Number.isInteger(count) || count < 1) {
      throw new CliError("USAGE_INVALID", {
        message: `--lines is "${wanted}", which is not a positive whole number.`,
        hint: "Use --lines 200.",
      });
    }
    const { logs: folder, secrets } = statePaths(loaded.value.stateDir);
    const redact = redactor(openSecrets(secrets));
    const names = args[0] === undefined ? LOGS : LOGS.filter((name) => name === args[0]);
    const entries = names.map((service) => ({
      service,
      lines: readTail(join(folder, `${service}.log`), count).map(redact),
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
  },
};
