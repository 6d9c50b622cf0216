import { CliError } from "../errors/cli-error.ts";
import type { RunOptions } from "./run.ts";

export type Argv = readonly [string, ...string[]];

/**
 * Runs two commands, the first one's output being the second one's input, neither of which is kept.
 * @throws CliError INSTALL_FAILED when either cannot start, ends with another code than 0, or runs past its time
 */
export async function runPiped(
  from: Argv,
  into: Argv,
  { purpose, timeoutMs, signal }: Pick<RunOptions, "purpose" | "timeoutMs" | "signal">,
): Promise<void> {
  const { execa } = await import("execa");
  const limits = { timeout: timeoutMs, ...(signal === undefined ? {} : { cancelSignal: signal }) };
  const [source, ...sourceArgs] = from;
  const [sink, ...sinkArgs] = into;
  try {
    await execa(source, sourceArgs, { ...limits, stdin: "ignore", buffer: { stdout: false } }).pipe(
      sink,
      sinkArgs,
      limits,
    );
  } catch (cause) {
    signal?.throwIfAborted();
    throw new CliError("INSTALL_FAILED", {
      message: `${purpose}: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: "Fix what the output names, then run the command again: it goes on where it stopped.",
      cause,
    });
  }
}
