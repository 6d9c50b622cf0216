import { CLI_ERRORS } from "../errors/catalog.ts";
import type { Reporter } from "./reporter.ts";
import type { Streams } from "./streams.ts";

/** `--json`: exactly one document on stdout, nothing else anywhere. */
export function jsonReporter(streams: Streams): Reporter {
  const silent = (): void => {};
  return {
    headline: silent,
    finding: silent,
    note: silent,
    frame: silent,
    stepStarted: silent,
    stepWorking: silent,
    stepProgress: silent,
    stepEnded: silent,
    stepFailed: silent,
    // One document and nothing else: a program is at the other end.
    ask: async () => null,
    result: (result) => void streams.out.write(`${JSON.stringify(result.data)}\n`),
    error(error) {
      const document = {
        ok: false,
        error: {
          code: error.code,
          title: CLI_ERRORS[error.code].title,
          message: error.message,
          hint: error.hint,
          exit: error.exit,
          facts: error.facts,
        },
      };
      streams.out.write(`${JSON.stringify(document)}\n`);
    },
  };
}
