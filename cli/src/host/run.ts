import { CliError } from "../errors/cli-error.ts";

/** Another user to run as. Supplementary groups are dropped with it (libuv calls setgroups(0) before setuid). */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface RunOptions {
  /** One sentence that a failure begins with: "npm could not install the Directus runtime". */
  readonly purpose: string;
  /** Wall-clock limit; the command is then ended with SIGTERM, and SIGKILL five seconds later. */
  readonly timeoutMs: number;
  readonly cwd?: string;
  /** Added to the caller's environment, or the whole of it with `cleanEnvironment`. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cleanEnvironment?: boolean;
  readonly runAs?: Identity | null;
  readonly signal?: AbortSignal;
  /** Text for the command's standard input; default none. */
  readonly input?: string;
  /** Values that must never be seen in an error text. */
  readonly redact?: readonly string[];
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** Enough of the end of a failed command's output to see why, without flooding a terminal. */
const TAIL_CHARACTERS = 2000;
const FORCE_KILL_AFTER_MS = 5000;

/**
 * Runs one command to its end. `argv` is an array and never passes a shell.
 * @throws CliError INSTALL_FAILED when it cannot start, ends with another code than 0, or runs past its time.
 * @throws the signal's reason when it was aborted.
 */
export async function runCommand(argv: readonly [string, ...string[]], options: RunOptions): Promise<RunResult> {
  const [file, ...rest] = argv;
  // With what it needs a seventh of the CLI's modules, and many commands start nothing. An upgrade has it since its first git, long before packages change.
  const { execa } = await import("execa");
  const result = await execa(file, rest, {
    reject: false,
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    extendEnv: options.cleanEnvironment !== true,
    timeout: options.timeoutMs,
    forceKillAfterDelay: FORCE_KILL_AFTER_MS,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.environment === undefined ? {} : { env: options.environment }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.runAs == null ? {} : { uid: options.runAs.uid, gid: options.runAs.gid }),
  });
  options.signal?.throwIfAborted();
  if (!result.failed) return { stdout: result.stdout, stderr: result.stderr };

  const why = result.timedOut
    ? `it ran past ${options.timeoutMs} ms`
    : result.exitCode === undefined
      ? (result.originalMessage ?? `it was ended by ${result.signal ?? "a signal"}`)
      : `it ended with code ${result.exitCode}`;
  const output = redacted(`${result.stdout}\n${result.stderr}`.trim().slice(-TAIL_CHARACTERS), options.redact ?? []);
  throw new CliError("INSTALL_FAILED", {
    message: `${options.purpose}: ${why}.${output === "" ? "" : `\n${output}`}`,
    hint: "Fix what the output names, then run `elk-os up` again: it goes on where it stopped.",
    facts: { command: file, exitCode: result.exitCode ?? null, isAbsent: result.code === "ENOENT" },
  });
}

/** Replaces every listed value by `[redacted]`; empty values are left out. */
export function redacted(text: string, values: readonly string[]): string {
  return values.filter((value) => value !== "").reduce((rest, value) => rest.replaceAll(value, "[redacted]"), text);
}
