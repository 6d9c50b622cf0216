/** The verbs of one stack, run one after the other as an operator would, and the clock beside them. */
import type { ChildProcess } from "node:child_process";
import { type LoadedConfig, loadConfig } from "../../cli/src/config/load.ts";
import { measureOutage } from "../../cli/src/secrets/outage.ts";
import { SERVICE_IDS } from "../../cli/src/services/service-def.ts";
import { withStack } from "../../cli/src/stack/open-stack.ts";
import type { Stack as RaisedStack } from "../../test/support/stack.ts";
import { during } from "../progress.ts";
import { type Timed, toSeconds } from "./rows.ts";

/** Several times what a board of a million tasks takes: the limit is there for what hangs. */
const VERB_MS = 90 * 60_000;

export interface Answered {
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** The document on stdout. */
  readonly answer: unknown;
}

export interface Verbs {
  /** @throws Error with what the verb said when it does not end with 0, or when the bench is to end */
  run(...args: readonly string[]): Promise<Answered>;
  /**
   * The same, with every service watched to the verb's end: from its start, or from when it says `from` among its progress. Until then nobody asks,
   * since ten questions a second of each service slow down what is measured.
   */
  watched(args: readonly string[], from?: string): Promise<Timed>;
  loaded(): LoadedConfig;
}

/** `signal` ends the verb that runs as Ctrl-C would, so that it puts away what it has begun. */
export function verbsOf(stack: RaisedStack, signal: AbortSignal): Verbs {
  const loaded = () =>
    loadConfig({
      checkout: stack.checkout,
      environment: { ...stack.environment, ELK_OS_STATE_DIR: stack.stateDir, ELK_OS_CACHE_DIR: stack.cacheDir },
    });
  const carryOut = (args: readonly string[], hear: (said: string) => void): Promise<Answered> =>
    during(args.join(" "), async () => {
      signal.throwIfAborted();
      const startedMs = performance.now();
      const { child, ended } = stack.start(args, { timeoutMs: VERB_MS });
      let said = "";
      child.stderr?.on("data", (chunk: Buffer) => {
        said += chunk.toString("utf8");
        hear(said);
      });
      const { exit, stdout, stderr, json } = await interruptible(child, signal, () => ended);
      signal.throwIfAborted();
      if (exit !== 0) throw new Error(`elk-os ${args.join(" ")} ended with ${exit}: ${stdout}${stderr}`);
      return { seconds: toSeconds(performance.now() - startedMs), answer: json };
    });
  return {
    // Under --json progress is silent.
    run: (...args) => carryOut([...args, "--json"], () => undefined),
    watched: (args, from) =>
      withStack(loaded(), async (opened) => {
        const begun = Promise.withResolvers<"begun">();
        const running = carryOut(args, (said) => {
          if (from !== undefined && said.includes(from)) begun.resolve("begun");
        });
        const first = from === undefined ? "begun" : await Promise.race([begun.promise, running]);
        if (first !== "begun") throw new Error(`elk-os ${args.join(" ")} never said "${from}".`);
        const { result, seconds: down } = await measureOutage(opened, SERVICE_IDS, () => running);
        return { seconds: result.seconds, down };
      }),
    loaded,
  };
}

async function interruptible<T>(child: ChildProcess, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const end = () => void child.kill("SIGINT");
  signal.addEventListener("abort", end, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener("abort", end);
  }
}
