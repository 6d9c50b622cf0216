export interface VisibleRun {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Runs a command whose output a person watches: both streams go to our stderr, so that stdout stays the answer. Answers its exit code. */
export async function runVisible(argv: readonly [string, ...string[]], options: VisibleRun): Promise<number> {
  const [file, ...rest] = argv;
  const { execa } = await import("execa");
  const result = await execa(file, rest, {
    reject: false,
    cwd: options.cwd,
    stdin: "ignore",
    stdout: process.stderr,
    stderr: process.stderr,
    cancelSignal: options.signal,
    ...(options.environment === undefined ? {} : { env: options.environment }),
  });
  options.signal.throwIfAborted();
  return result.exitCode ?? 1;
}
