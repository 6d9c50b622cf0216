import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

export type WorkerProcess = ChildProcess;

/**
 * A module of ours in a process of its own, which ends with its parent: its channel closes. It sees no environment, for that holds the service's secrets,
 * and keeps nobody from ending. Messages are structured clones.
 */
export function forkWorker(module: URL): WorkerProcess {
  const child = fork(fileURLToPath(module), [], {
    env: {},
    execArgv: [],
    serialization: "advanced",
    // What a library prints is no log line of the service.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  child.unref();
  child.channel?.unref();
  return child;
}
