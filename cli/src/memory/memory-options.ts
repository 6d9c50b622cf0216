import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LoadedConfig } from "../config/load.ts";
import { EXIT } from "../errors/catalog.ts";
import { CliError } from "../errors/cli-error.ts";
import { counted } from "../output/counted.ts";
import type { CommandResult } from "../output/reporter.ts";
import type { MemoryProblem } from "./inspect-memories.ts";
import { type MemoryFile, parseMemory } from "./memory-folder.ts";

type Options = Readonly<Record<string, unknown>>;

export function memoryFolder({ checkout }: LoadedConfig): string {
  return join(checkout, "memory");
}

/** A text that must be given. */
export function textOption(options: Options, name: string): string {
  const value = options[name];
  if (typeof value === "string" && value.trim() !== "" && !/[\n\r]/.test(value)) return value;
  throw new CliError("USAGE_INVALID", {
    message: `--${name} is missing, empty or more than one line.`,
    hint: `Add --${name} "…".`,
  });
}

/** The text of `--body` or of the file that `--file` names. */
export function bodyOf(options: Options): string {
  const { body, file } = options;
  if (typeof file === "string") {
    if (existsSync(file)) return readFileSync(file, "utf8");
    throw new CliError("USAGE_INVALID", { message: `${file} is not there.`, hint: "Give --file a text file." });
  }
  if (typeof body === "string" && body.trim() !== "") return body;
  throw new CliError("USAGE_INVALID", { message: "The text is missing.", hint: 'Add --body "…" or --file PATH.' });
}

export function listOf(value: unknown): readonly string[] {
  return typeof value === "string"
    ? value
        .split(",")
        .map((one) => one.trim())
        .filter((one) => one !== "")
    : [];
}

/** The memory that an argument names, with or without `memory/` and ending. */
export function findMemory(folder: string, given: string): MemoryFile {
  const name = `${given.replace(/^memory\//, "").replace(/\.md$/, "")}.md`;
  const path = join(folder, name);
  if (!name.includes("..") && existsSync(path)) return parseMemory(name, readFileSync(path, "utf8"));
  throw new CliError("USAGE_INVALID", { message: `There is no memory/${name}.`, hint: "ls memory/" });
}

export function written(folder: string, name: string, changed: boolean, notes: readonly string[]): CommandResult {
  const { sha256 } = findMemory(folder, name);
  return {
    exit: EXIT.ok,
    data: { ok: true, changed: changed ? 1 : 0, path: `memory/${name}`, sha256, notes },
    lines: [`${changed ? "written" : "unchanged"}  memory/${name}  sha256 ${sha256}`, ...notes],
  };
}

/** An answer of problems: none is 0, any is a no. */
export function problemsResult(checked: number, what: string, problems: readonly MemoryProblem[]): CommandResult {
  return {
    exit: problems.length === 0 ? EXIT.ok : EXIT.doctorRed,
    data: { ok: problems.length === 0, checked, problems },
    lines: [
      ...problems.map(({ kind, name, message }) => `${kind.padEnd(18)} ${name} ${message}`),
      `${checked} ${what}, ${counted(problems.length, "problem")}`,
    ],
  };
}
