/** What a stack left behind: asked after `down`, when nothing of it may live. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { holdersOf, processesOf } from "./processes.ts";

export interface LeakScope {
  /** Folder that holds everything of the stack; its path is unique to it. */
  readonly folder: string;
  readonly ports: readonly number[];
  /** State folder, whose `run` must hold no record, socket or service file any more. */
  readonly stateDir: string;
  /** The TMPDIR and the HOME that every command of the stack was given. */
  readonly privateFolders: readonly string[];
}

/** One line for each process, socket and file that outlived the stack; empty when it left nothing. */
export function findLeaks(scope: LeakScope): readonly string[] {
  const processes = processesOf(scope.folder).map(({ pid, argv }) => `process ${pid} ${argv.slice(0, 3).join(" ")}`);
  const listeners = holdersOf(scope.ports).map((pid) => `listening socket on a port of the stack, pid ${pid}`);
  const sockets = readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .filter((line) => line.includes(scope.folder))
    .map((line) => `unix socket ${line.split(" ").at(-1)}`);
  const files = [join(scope.stateDir, "run"), ...scope.privateFolders]
    .flatMap(filesBelow)
    .map((path) => `file ${path}`);
  const lock = join(scope.stateDir, "lock");
  return [...processes, ...listeners, ...sockets, ...files, ...(existsSync(lock) ? [`file ${lock}`] : [])];
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}
