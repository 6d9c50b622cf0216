import { say } from "./progress.ts";

/** Ctrl-C asks for an end that takes everything away first; a second one ends at once. */
export function untilInterrupted(): AbortSignal {
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      say(`${signal}: takes the stack away and ends`);
      interrupt.abort(new Error(`interrupted by ${signal}`));
    });
  return interrupt.signal;
}
