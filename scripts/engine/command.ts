import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface CommandOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs a command to its end and answers its stdout. @throws Error with the end of its stderr */
export function run(file: string, args: readonly string[], options: CommandOptions = {}): string {
  return execFileSync(file, args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...options.environment },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? {} : { input: options.input }),
  });
}

/** The same, with failure as an answer: null. */
export function tryRun(file: string, args: readonly string[], options: CommandOptions = {}): string | null {
  const { status, stdout } = spawnSync(file, args, {
    encoding: "utf8",
    env: { ...process.env, ...options.environment },
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  return status === 0 ? stdout : null;
}

/** Progress for people; stdout stays the answer. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Unmounts whatever is mounted below a folder, the innermost first. */
export function unmountBelow(folder: string): void {
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) tryRun("umount", [path]);
}
