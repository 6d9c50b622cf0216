import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { SERVICE_IDS } from "../services/service-def.ts";
import { statePaths } from "../state/paths.ts";
import type { Command } from "./command.ts";

/** The supervisor writes a log of its own beside those of the services. */
const LOGS = [...SERVICE_IDS, "supervisor"] as const;
/** Enough for any sensible --lines at 256 bytes a line; a log of gigabytes must not be read whole. */
const TAIL_BYTES = 256 * 1024;
const DEFAULT_LINES = 40;

export const logs: Command = {
  name: "logs",
  summary: "Show the end of the services' logs",
  help: `  elk-os logs                     the last ${DEFAULT_LINES} lines of each
  elk-os logs directus --lines 200`,
  arguments: [{ name: "[service]", description: "one log only", choices: LOGS }],
  options: [{ flags: "--lines <n>", description: `lines of each log (default ${DEFAULT_LINES})` }],
  async run({ args, options, loaded }) {
    const wanted = options["lines"] ?? DEFAULT_LINES;
    const count = Number(wanted);
    if (!Number.isInteger(count) || count < 1) {
      throw new CliError("USAGE_INVALID", {
        message: `--lines is "${wanted}", which is not a positive whole number.`,
        hint: "Use --lines 200.",
      });
    }
    const folder = statePaths(loaded.value.stateDir).logs;
    const names = args[0] === undefined ? LOGS : LOGS.filter((name) => name === args[0]);
    const entries = names.map((service) => ({ service, lines: tail(join(folder, `${service}.log`), count) }));
    return {
      exit: EXIT.ok,
      data: { logs: entries },
      lines: entries.flatMap(({ service, lines }) =>
        lines.map((line) => (names.length === 1 ? line : `${service.padEnd(10)} ${line}`)),
      ),
    };
  },
};

function tail(path: string, count: number): readonly string[] {
  if (!existsSync(path)) return [];
  const size = statSync(path).size;
  const length = Math.min(size, TAIL_BYTES);
  const buffer = Buffer.alloc(length);
  const file = openSync(path, "r");
  try {
    readSync(file, buffer, 0, length, size - length);
  } finally {
    closeSync(file);
  }
  const lines = buffer.toString("utf8").split("\n");
  if (size > length) lines.shift();
  return lines.filter((line) => line !== "").slice(-count);
}
