import type { LoadedConfig } from "../config/load.ts";
import type { ConfigKey } from "../config/schema.ts";
import type { CommandResult, Reporter } from "../output/reporter.ts";

/** One option of a command. `flags` is commander's notation: "--only <ids>". */
export interface OptionSpec {
  readonly flags: string;
  readonly description: string;
  /** The setting that this option overrides, if any; its value then passes through the config schema. */
  readonly config?: ConfigKey;
  readonly choices?: readonly string[];
}

export interface ArgumentSpec {
  /** commander's notation: "<name>" or "[service]". */
  readonly name: string;
  readonly description: string;
  readonly choices?: readonly string[];
}

export interface Invocation {
  readonly args: readonly string[];
  /** By camel-cased option name. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly loaded: LoadedConfig;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** One verb. It parses nothing and prints nothing: it gets an invocation and answers a result. */
export interface Command {
  /** "up", or "agent add" for a verb below a noun. Permanent. */
  readonly name: string;
  readonly summary: string;
  /** Shown by --help below the options: what it does, when to use it, an example. */
  readonly help: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  run(invocation: Invocation): Promise<CommandResult>;
}
