import { CLI_ERRORS, type CliErrorCode } from "./catalog.ts";

export interface CliErrorDetails {
  /** What happened and why, in full sentences. */
  readonly message: string;
  /** The next step, preferably a command to run. */
  readonly hint: string;
  readonly cause?: unknown;
  /** Machine-readable facts for `--json`; never a secret. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** The only error the CLI throws on purpose; anything else that surfaces is reported as INTERNAL. */
export class CliError extends Error {
  readonly code: CliErrorCode;
  readonly hint: string;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: CliErrorCode, details: CliErrorDetails) {
    super(details.message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = "CliError";
    this.code = code;
    this.hint = details.hint;
    this.facts = details.facts ?? {};
  }

  get exit(): number {
    return CLI_ERRORS[this.code].exit;
  }
}

/** No space, no quota; the same said by Postgres of its own disk (disk_full of its appendix A). */
const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "53100"]);

/** Postgres was stopped or crashed while it was asked: class 57 of its appendix A. */
const STOPPED: ReadonlySet<unknown> = new Set(["57P01", "57P02"]);
/** How pg names a connection that ended under a query; it gives no code. */
const CUT_OFF = /^(Connection terminated|Client has encountered a connection error)/;

/** Turns whatever was thrown into a CliError; a stranger becomes INTERNAL with its cause kept. */
export function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && "code" in error && FULL.has(error.code)) {
    return new CliError("DISK_FULL", {
      message: `No room is left where elk-os writes: ${message}.`,
      hint: "Free some (`df -h` shows where), then run the command again: what was half made is made anew.",
      cause: error,
    });
  }
  if (error instanceof Error && (CUT_OFF.test(message) || ("code" in error && STOPPED.has(error.code)))) {
    return new CliError("BOARD_UNREACHABLE", {
      message: `Postgres went away while it was asked: ${message}.`,
      hint: "Run `elk-os status`, then `elk-os up`; then the command again.",
      cause: error,
    });
  }
  return new CliError("INTERNAL", {
    message,
    hint: "This is a fault of elk-os, not of yours: report it with the stack shown by --verbose.",
    cause: error,
  });
}
