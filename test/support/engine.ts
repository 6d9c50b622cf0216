/** The Docker engine of the compose tests: the one that answers already, or a private one that `npm run engine:start` makes. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { runningDaemon } from "../../scripts/engine/daemon.ts";
import { enginePlace } from "../../scripts/engine/place.ts";
import { runProgram } from "./run-program.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..");
const ENGINE = join(CHECKOUT, "scripts", "engine.ts");
/** A container's log is rotated at three files of 10 MB (compose.yaml). */
const LOG_BYTES = 64 * 1024 * 1024;

export type Engine =
  | {
      readonly kind: "ready";
      /** What a command needs in its environment to talk to it; empty for the one that answered already. */
      readonly environment: Readonly<Record<string, string>>;
      docker(...args: readonly string[]): string;
      /** All that a container has said, on both of its streams. */
      logs(container: string): string;
      stop(): Promise<void>;
    }
  /** Why none can run here. */
  | { readonly kind: "none"; readonly why: string };

/** Starts it when the machine can, with the base images in it. */
export async function openEngine(): Promise<Engine> {
  if (process.getuid?.() !== 0) return { kind: "none", why: "a Docker engine needs root" };
  const environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const wasRunning = runningDaemon(enginePlace()) !== null;
  const started = await runProgram(ENGINE, ["start"], { environment, outlivesTest: true });
  if (started.code !== 0) return { kind: "none", why: started.stderr.trim().split("\n").at(-1) ?? "it did not start" };
  const own = Object.fromEntries(
    [...started.stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );
  const docker = (args: readonly string[]) => {
    const options = { encoding: "utf8", env: { ...environment, ...own }, maxBuffer: LOG_BYTES } as const;
    const { status, stdout, stderr } = spawnSync("docker", args, options);
    if (status !== 0) throw new Error(`docker ${args.join(" ")} ended with ${status}: ${stderr}`);
    return { stdout, stderr };
  };
  return {
    kind: "ready",
    environment: own,
    docker: (...args) => docker(args).stdout,
    logs(container) {
      const { stdout, stderr } = docker(["logs", container]);
      return `${stdout}${stderr}`;
    },
    async stop() {
      // Other stacks may run on one that was there before.
      if (wasRunning) return;
      const stopped = await runProgram(ENGINE, ["stop"], { environment, outlivesTest: true });
      if (stopped.code !== 0) throw new Error(`the engine did not stop cleanly: ${stopped.stderr}`);
    },
  };
}
