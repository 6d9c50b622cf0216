/** Says on stderr what runs now and how long it took: whoever watches sees a hang, and what hangs. */
export function say(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

/** Runs the work between two lines; the second says how long it took, also when it threw. */
export async function during<T>(what: string, work: () => T | Promise<T>): Promise<T> {
  say(`${what} …`);
  const startedMs = performance.now();
  try {
    return await work();
  } finally {
    say(`${what}: ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
  }
}
