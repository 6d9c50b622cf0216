import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { loadConfig } from "../../cli/src/config/load.ts";

/** Where the launcher has Node keep what it compiled: half of a short program's time is the compiling of the same modules. */
export const COMPILED = join(loadConfig().value.cacheDir, "compiled");

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface ProgramOptions {
  /** The Node that runs it. Default: the one that runs the tests. */
  readonly runtime?: string;
  /** Arguments of Node before the script. */
  readonly node?: readonly string[];
  /** Added to a bare environment (PATH, HOME, LANG, Node's cache), so that the tester's own settings are never seen. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Prefixed to the command, as `sh -c 'ulimit …; exec "$@"' sh` is. */
  readonly wrapper?: readonly string[];
  /** Started outside a test (in a hook or before the file's tests), where nothing tells that it has ended. */
  readonly outlivesTest?: boolean;
}

/** Starts a TypeScript program under Node; it does not outlive the test. */
export function startProgram(
  script: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): RunningProgram {
  const runtime = options.runtime ?? process.execPath;
  const argv = [...(options.wrapper ?? []), runtime, "--disable-warning=ExperimentalWarning"];
  const [file = "", ...rest] = [...argv, ...(options.node ?? []), script, ...args];
  const child = spawn(file, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "",
      LANG: "C.UTF-8",
      // A wrapper limits the program, mostly what it may write, and is not meant for the cache.
      ...(options.wrapper === undefined ? { NODE_COMPILE_CACHE: COMPILED } : {}),
      ...options.environment,
    },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  if (options.outlivesTest !== true) onTestFinished(() => void child.kill("SIGKILL"));
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const ended = once(child, "close").then(() => ({
    code: child.exitCode,
    signal: child.signalCode,
    stdout: Buffer.concat(out).toString("utf8"),
    stderr: Buffer.concat(err).toString("utf8"),
  }));
  return { child, ended };
}

/** Runs it to its end. */
export function runProgram(script: string, args: readonly string[] = [], options: ProgramOptions = {}): Promise<Ended> {
  return startProgram(script, args, options).ended;
}
