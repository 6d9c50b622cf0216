import { askTerminal } from "./ask.ts";
import { ASCII, UNICODE } from "./glyphs.ts";
import { jsonReporter } from "./json-reporter.ts";
import type { Reporter } from "./reporter.ts";
import { textReporter } from "./text-reporter.ts";

/** Reads the three output flags before the command line is parsed, so that a usage error is reported in kind. */
export function chooseReporter(argv: readonly string[]): Reporter {
  const streams = { out: process.stdout, err: process.stderr };
  if (argv.includes("--json")) return jsonReporter(streams);
  return textReporter({
    streams,
    ask: askTerminal,
    glyphs: argv.includes("--ascii") ? ASCII : UNICODE,
    live: process.stderr.isTTY === true,
    screenLive: process.stdout.isTTY === true,
    verbose: argv.includes("--verbose"),
  });
}
