import type { CheckResult } from "../checks/check.ts";
import type { CliError } from "../errors/cli-error.ts";
import type { PhaseEvents } from "../phases/run-phases.ts";

/** What a command answers: `data` is the JSON contract, `lines` the same for a person. */
export interface CommandResult {
  readonly data: unknown;
  readonly lines: readonly string[];
  /** From EXIT; 0 unless the answer itself is a "no". */
  readonly exit: number;
}

export interface Frame {
  /** The whole view. */
  readonly screen: readonly string[];
  /** What has happened since the frame before. */
  readonly news: readonly string[];
}

/** The only way anything reaches the terminal. stdout carries the answer, stderr everything else. */
export interface Reporter extends PhaseEvents {
  /** One line before the work starts: what, which profile, which driver, where. */
  headline(line: string): void;
  finding(result: CheckResult): void;
  note(line: string): void;
  /** A view that changes: on a terminal the screen is drawn anew, elsewhere only the news are printed, one line each. */
  frame(frame: Frame): void;
  /** What a person answers on a terminal; null where nobody can be asked. */
  ask(question: string, signal: AbortSignal): Promise<string | null>;
  result(result: CommandResult): void;
  error(error: CliError): void;
}
