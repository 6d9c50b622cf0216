import { forgetSecrets, loadConfig } from "./config/load.ts";
import { type CliErrorCode, EXIT } from "./errors/catalog.ts";
import { CliError, toCliError } from "./errors/cli-error.ts";
import { chooseReporter } from "./output/choose-reporter.ts";
import { parseArguments } from "./program.ts";

const SIGNALS = { SIGINT: "INTERRUPTED", SIGTERM: "TERMINATED" } as const;

const abort = new AbortController();
let stopped: CliErrorCode | null = null;
for (const [name, code] of Object.entries(SIGNALS)) {
  process.on(name, () => {
    stopped = code;
    abort.abort(new Error(`stopped by ${name}`));
  });
}

process.exitCode = await main(process.argv.slice(2));
// Pools and sockets are closed by now; a library's stray timer must not keep a finished command alive.
process.exit(process.exitCode);

async function main(argv: readonly string[]): Promise<number> {
  const reporter = chooseReporter(argv);
  try {
    const parsed = await parseArguments(argv);
    if (parsed.kind === "text") {
      reporter.result({ data: { text: parsed.text }, lines: [parsed.text.trimEnd()], exit: EXIT.ok });
      return EXIT.ok;
    }
    const { command, args, options, flags } = parsed.parsed;
    const loaded = loadConfig({ flags });
    forgetSecrets();
    const result = await command.run({ args, options, loaded, reporter, signal: abort.signal });
    reporter.result(result);
    return result.exit;
  } catch (thrown) {
    const error = stopped === null ? toCliError(thrown) : stoppedBy(stopped, thrown);
    reporter.error(error);
    return error.exit;
  }
}

function stoppedBy(code: CliErrorCode, cause: unknown): CliError {
  return new CliError(code, {
    message: "Stopped by a signal; what was done is in the journal.",
    hint: "`elk-os up` resumes.",
    cause,
  });
}
