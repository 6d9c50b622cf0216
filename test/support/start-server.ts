/** A server that is no program of ours, as a child of the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { waitUntil } from "../../cli/src/host/wait.ts";

const STOP_MS = 10_000;

export interface Server {
  /** All that it printed so far. */
  log(): string;
  isRunning(): boolean;
  /** Ends it, by force when it does not end by itself. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Its environment is what is given and nothing else. */
export function startServer(file: string, args: readonly string[], { environment, cwd }: ServerOptions): Server {
  const child: ChildProcess = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...environment }, cwd });
  const said: Buffer[] = [];
  let failure: Error | null = null;
  child.once("error", (error) => {
    failure = error;
  });
  child.stdout?.on("data", (chunk: Buffer) => said.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => said.push(chunk));
  const isRunning = () => failure === null && child.exitCode === null && child.signalCode === null;
  return {
    log: () => `${Buffer.concat(said).toString("utf8")}${failure === null ? "" : failure.message}`,
    isRunning,
    async stop() {
      if (!isRunning()) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      if (!(await waitUntil(() => !isRunning(), { timeoutMs: STOP_MS, intervalMs: 20 }))) child.kill("SIGKILL");
      await ended;
    },
  };
}
