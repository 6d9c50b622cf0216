import { randomUUID } from "node:crypto";
import type { Answer } from "../board-client/board-client.ts";
import { openBoardUser } from "../board-client/board-user.ts";
import { deliver, type Replayed, replayOutbox } from "../board-client/deliver.ts";
import type { QueueableVerb } from "../board-client/outbox.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import type { ArgumentSpec, Command, OptionSpec } from "./command.ts";

/** One option of a board command and the argument of the verb that it becomes. */
export interface VerbOption {
  /** commander's notation. */
  readonly flags: string;
  readonly description: string;
  readonly to: string;
  /** Default "text". "list" takes commas; "flag" takes no value. */
  readonly type?: "text" | "integer" | "number" | "list" | "flag";
  readonly choices?: readonly string[];
}

export interface BoardVerbSpec {
  /** Word behind `elk-os board`. */
  readonly word: string;
  /** Verb of the board that it calls. */
  readonly verb: string;
  readonly summary: string;
  readonly help: string;
  /** Positional arguments in order, and the verb's argument that each becomes. */
  readonly positional?: readonly (ArgumentSpec & { readonly to: string })[];
  readonly options?: readonly VerbOption[];
  /** Sent with every call. */
  readonly fixed?: Answer;
  /** The verb takes a session; default `cli-<agent>`. */
  readonly session?: boolean;
  /** The outbox keeps it when the board cannot be asked. */
  readonly keeps?: QueueableVerb;
  /** The answer for a person. */
  lines(answer: Answer): readonly string[];
}

const AGENT: OptionSpec = {
  flags: "--agent <name>",
  description: "act as this agent (token from ELK_OS_TOKEN_<NAME> or the secrets folder); default: the operator",
};
const KEY: OptionSpec = { flags: "--key <text>", description: "idempotency key: a repeat gets the first answer" };
const SESSION: OptionSpec = { flags: "--session <nonce>", description: "session of the claim; default cli-<agent>" };

/** A command that is one call of one verb. `--json` prints the verb's answer as it came. */
export function boardVerb(spec: BoardVerbSpec): Command {
  const options = spec.options ?? [];
  return {
    name: `board ${spec.word}`,
    summary: spec.summary,
    help: spec.help,
    arguments: spec.positional ?? [],
    options: [...options, ...(spec.session === true ? [SESSION] : []), AGENT, KEY],
    async run({ args, options: given, loaded, reporter, signal }) {
      const user = openBoardUser(loaded, given["agent"], signal);
      const sent = {
        ...spec.fixed,
        ...positionals(spec, args),
        ...named(options, given),
        ...(spec.session === true ? { session: given["session"] ?? `cli-${user.name}` } : {}),
        ...(typeof given["key"] === "string" ? { key: given["key"] } : {}),
      };
      const { board, outbox } = user;
      const told = (replayed: readonly Replayed[]) => {
        for (const { result, verb, op } of replayed) reporter.note(`kept before, sent now: ${result} ${verb} ${op}`);
      };
      // A claim may hang on what waits, such as a release. A read may not.
      if (spec.session === true) told(await replayOutbox(board, outbox));
      const answer =
        spec.keeps === undefined
          ? await board.call(spec.verb, sent)
          : await deliver(board, outbox, spec.keeps, { key: randomUUID(), ...sent }, told);
      return { exit: EXIT.ok, data: answer, lines: spec.lines(answer) };
    },
  };
}

function positionals({ positional = [] }: BoardVerbSpec, args: readonly string[]): Answer {
  return Object.fromEntries(
    positional.flatMap(({ to }, at) => {
      const value = args[at];
      return value === undefined ? [] : [[to, value]];
    }),
  );
}

function named(options: readonly VerbOption[], given: Answer): Answer {
  return Object.fromEntries(
    options.flatMap((option) => {
      const value = given[camelCased(option.flags)];
      return value === undefined ? [] : [[option.to, read(option, value)]];
    }),
  );
}

/** "--tokens-in <n>" → "tokensIn", as commander names it. */
function camelCased(flags: string): string {
  const long = /--([a-z-]+)/.exec(flags)?.[1] ?? "";
  return long.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function read({ type = "text", flags }: VerbOption, value: unknown): unknown {
  if (type === "flag") return value === true;
  const text = String(value);
  if (type === "list") return text.split(",").map((part) => part.trim());
  if (type === "text") return text;
  const number = Number(text);
  if (text.trim() !== "" && (type === "integer" ? Number.isInteger(number) : Number.isFinite(number))) return number;
  throw new CliError("USAGE_INVALID", {
    message: `${flags} got "${text}", which is no number.`,
    hint: "Use a number.",
  });
}
