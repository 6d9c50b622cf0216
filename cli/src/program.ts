import { Argument, Command as Commander, CommanderError, Option } from "commander";
import type { Command, OptionSpec } from "./commands/command.ts";
import { COMMANDS } from "./commands/index.ts";
import { closest } from "./config/closest.ts";
import type { ConfigKey } from "./config/schema.ts";
import { CliError } from "./errors/cli-error.ts";

export interface ParsedCommand {
  readonly command: Command;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly flags: Partial<Record<ConfigKey, string>>;
}

/** What the command line asks for: a command to run, or a text to show (help, version). */
export type Parsed =
  | { readonly kind: "run"; readonly parsed: ParsedCommand }
  | { readonly kind: "text"; readonly text: string };

/** Accepted by every command, before or behind its name. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: "--json", description: "print one JSON document on stdout and nothing else" },
  { flags: "--ascii", description: "draw with ASCII only" },
  { flags: "--verbose", description: "show the stack of an internal error" },
  { flags: "--state-dir <path>", description: "state folder (ELK_OS_STATE_DIR)", config: "stateDir" },
];

const INTRODUCTION = `A durable, shared task board between people and a fleet of coding agents.

  elk-os up       everything to green: init, up, migrate, seed, wire, doctor
  elk-os doctor   the acceptance board; exit 0 only when it is green
  elk-os test     runs the whole test suite

Every command takes --json, --ascii, --verbose and --state-dir. Exit codes: docs/errors.md.`;

/** @throws CliError USAGE_INVALID naming what was not understood and what is closest to it. */
export async function parseArguments(argv: readonly string[]): Promise<Parsed> {
  let text = "";
  let found: ParsedCommand | null = null;
  const program = new Commander("elk-os");
  const configure = (commander: Commander): Commander =>
    commander
      .exitOverride()
      .configureOutput({ writeOut: (chunk) => (text += chunk), writeErr: (chunk) => (text += chunk) })
      .showSuggestionAfterError(false)
      .helpCommand(false);
  configure(program).description(reflow(INTRODUCTION)).usage("<command> [options]").enablePositionalOptions();
  for (const spec of GLOBAL_OPTIONS) program.option(spec.flags, spec.description);

  const groups = new Map<string, Commander>();
  for (const command of COMMANDS) {
    const words = command.name.split(" ");
    const verb = words.at(-1) ?? command.name;
    const parent = words.slice(0, -1).reduce(group, program);
    const commander = configure(parent.command(verb))
      .summary(command.summary)
      .description(`${command.summary}\n\n${reflow(command.help)}`);
    for (const spec of command.arguments ?? []) {
      const argument = new Argument(spec.name, spec.description);
      commander.addArgument(spec.choices === undefined ? argument : argument.choices(spec.choices));
    }
    const specs = [...(command.options ?? []), ...GLOBAL_OPTIONS];
    for (const spec of specs) {
      const option = new Option(spec.flags, spec.description);
      commander.addOption(spec.choices === undefined ? option : option.choices(spec.choices));
    }
    commander.action(() => {
      const options = { ...program.opts<Record<string, unknown>>(), ...commander.opts<Record<string, unknown>>() };
      found = { command, args: commander.args, options, flags: flagsOf(specs, options) };
    });
  }

  /** The noun below another, "rag model", or at the top. */
  function group(parent: Commander, noun: string): Commander {
    const path = parent === program ? noun : `${parent.name()} ${noun}`;
    const known = groups.get(path);
    if (known !== undefined) return known;
    const made = configure(parent.command(noun)).summary(`${path} commands; see elk-os ${path} --help`);
    groups.set(path, made);
    return made;
  }

  try {
    await program.parseAsync(spelledOut(argv), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "text", text };
    if (error.code === "commander.help") throw usage(`${["elk-os", ...argv].join(" ")} needs a verb.`, text.trim());
    throw usage(sentence(error.message), hintFor(error.message, argv));
  }
  return found === null ? { kind: "text", text } : { kind: "run", parsed: found };
}

function flagsOf(
  specs: readonly OptionSpec[],
  options: Readonly<Record<string, unknown>>,
): Partial<Record<ConfigKey, string>> {
  const flags: Partial<Record<ConfigKey, string>> = {};
  for (const spec of specs) {
    const value = options[new Option(spec.flags).attributeName()];
    if (spec.config !== undefined && typeof value === "string") flags[spec.config] = value;
  }
  return flags;
}

function usage(message: string, hint: string): CliError {
  return new CliError("USAGE_INVALID", { message, hint });
}

function sentence(message: string): string {
  const plain = message.replace(/^error: /, "");
  return `${plain.charAt(0).toUpperCase()}${plain.slice(1)}${plain.endsWith(".") ? "" : "."}`;
}

/** What was meant, if it is near, and where to read on. */
function hintFor(message: string, argv: readonly string[]): string {
  const said = argv.slice(argv.findIndex((word) => !word.startsWith("-")));
  const command = COMMANDS.find(({ name }) => name.split(" ").every((word, index) => said[index] === word));
  const { wrong, candidates } = suspectOf(message, said, command);
  const guess = candidates.includes(wrong) ? null : closest(wrong, candidates);
  return `${guess === null ? "" : `did you mean ${guess}? `}see: elk-os ${command === undefined ? "" : `${command.name} `}--help`;
}

function suspectOf(message: string, said: readonly string[], command: Command | undefined) {
  const choice = /'([^']*)' is invalid.* Allowed choices are (.+)\.$/.exec(message);
  if (choice !== null) return { wrong: choice[1] ?? "", candidates: (choice[2] ?? "").split(", ") };
  const wrong = /'([^']+)'/.exec(message)?.[1]?.split(" ")[0] ?? "";
  if (wrong.startsWith("-")) {
    const specs = [...(command?.options ?? []), ...GLOBAL_OPTIONS];
    return { wrong, candidates: specs.map((spec) => new Option(spec.flags).long ?? spec.flags) };
  }
  const names = COMMANDS.map(({ name }) => name);
  const isBelowNoun = names.some((name) => name.startsWith(`${said[0]} `));
  return { wrong: isBelowNoun ? said.slice(0, 2).join(" ") : wrong, candidates: names };
}

/** Joins the lines of each paragraph, so that commander breaks them at the terminal's width; indented lines stay. */
function reflow(text: string): string {
  return text.replace(/([^\n])\n(?=\S)/g, "$1 ");
}

/** The two spellings that everybody tries first. */
function spelledOut(argv: readonly string[]): string[] {
  const [first, ...rest] = argv;
  if (first === "--version") return ["version", ...rest];
  return first === "help" ? [...rest, "--help"] : [...argv];
}
