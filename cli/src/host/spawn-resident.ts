import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Identity } from "./run.ts";

export interface ResidentSpec {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly runAs: Identity | null;
  /** Receives stdout and stderr, appended. Opened by the caller's user, so a service cannot reach another's log. */
  readonly logFile: string;
}

export interface Resident {
  readonly pid: number;
  /** Resolves once, when the process has ended; never rejects. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Only the owner of the state folder reads logs: a statement in an error text can hold row values. */
const LOG_MODE = 0o600;

/**
 * Starts a process that outlives its parent: own session and process group, output straight into a file. A pipe
 * would break when the parent is killed, and take the service with it.
 * @throws the spawn error (ENOENT, EACCES, …) when it cannot start.
 */
export async function spawnResident(spec: ResidentSpec): Promise<Resident> {
  const [file, ...rest] = spec.argv;
  const log = openSync(spec.logFile, "a", LOG_MODE);
  try {
    const child = spawn(file, rest, {
      cwd: spec.cwd,
      env: { ...spec.environment },
      detached: true,
      stdio: ["ignore", log, log],
      ...(spec.runAs === null ? {} : { uid: spec.runAs.uid, gid: spec.runAs.gid }),
    });
    const ended = new Promise<Awaited<Resident["ended"]>>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.unref();
    if (child.pid === undefined) throw new Error(`${file} has no pid after it was started.`);
    return { pid: child.pid, ended };
  } finally {
    closeSync(log);
  }
}
