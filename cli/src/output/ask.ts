import { createInterface } from "node:readline/promises";

/**
 * Asks a person on the terminal, on stderr, and answers what they typed without blanks around it; null where standard input or stderr is no
 * terminal. @throws the signal's reason when it is aborted while the question stands
 */
export async function askTerminal(question: string, signal: AbortSignal): Promise<string | null> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // In raw mode ctrl-C is a key like any other, and a closed input (ctrl-D) would leave the question open for ever.
  terminal.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  try {
    return (await Promise.race([terminal.question(question, { signal }), closed])).trim();
  } finally {
    terminal.close();
  }
}
