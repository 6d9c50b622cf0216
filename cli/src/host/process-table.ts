/**
 * What runs on this machine, read from /proc. A pid alone names nothing for long: pids are reused. A process is
 * named by pid, kernel start time and boot id together, and only so is it ever signalled.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { z } from "zod";

export const processNameSchema = z.object({
  pid: z.int().positive(),
  /** Field 22 of /proc/<pid>/stat: clock ticks from boot to the start of the process. */
  startTicks: z.int().nonnegative(),
  /** /proc/sys/kernel/random/boot_id */
  bootId: z.string(),
});

/** Names one process for ever, across pid reuse and reboots. */
export type ProcessName = z.infer<typeof processNameSchema>;

export interface ProcessStat {
  /** One letter; Z and X are dead processes that nobody has collected yet. */
  readonly state: string;
  readonly parentPid: number;
  readonly processGroup: number;
  readonly startTicks: number;
}

export interface ProcessInfo extends ProcessStat {
  readonly pid: number;
  readonly uid: number;
  readonly rssBytes: number;
  /** Resolved executable; null when this user may not read it. */
  readonly exe: string | null;
  readonly argv: readonly string[];
}

export function currentBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** Parses /proc/<pid>/stat; the command name in parentheses may itself hold spaces and parentheses. */
export function parseProcessStat(text: string): ProcessStat | null {
  const end = text.lastIndexOf(")");
  if (end < 0) return null;
  const fields = text.slice(end + 2).split(" ");
  const [state, parentPid, processGroup, startTicks] = [fields[0], fields[1], fields[2], fields[19]];
  if (state === undefined || startTicks === undefined) return null;
  return {
    state,
    parentPid: Number(parentPid),
    processGroup: Number(processGroup),
    startTicks: Number(startTicks),
  };
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // The process is gone, or belongs to another user: both mean "not known".
    return null;
  }
}

function readStat(pid: number): ProcessStat | null {
  const text = readProc(pid, "stat");
  return text === null ? null : parseProcessStat(text);
}

/** Null when no live process has this pid; a zombie counts as dead. */
export function findProcess(pid: number): ProcessInfo | null {
  const stat = readStat(pid);
  const status = readProc(pid, "status");
  if (stat === null || status === null || isDead(stat)) return null;
  return {
    ...stat,
    pid,
    uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN),
    rssBytes: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024,
    exe: readExe(pid),
    argv: (readProc(pid, "cmdline") ?? "").split("\0").filter((part) => part !== ""),
  };
}

function isDead(stat: ProcessStat): boolean {
  return stat.state === "Z" || stat.state === "X";
}

function readExe(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    // Another user's process: /proc hides its executable.
    return null;
  }
}

/** The lasting name of a live pid; null when it has none. */
export function nameProcess(pid: number): ProcessName | null {
  const stat = readStat(pid);
  return stat === null || isDead(stat) ? null : { pid, startTicks: stat.startTicks, bootId: currentBootId() };
}

/** True while exactly that process lives: same pid, same start time, same boot. */
export function isAlive(name: ProcessName): boolean {
  const stat = readStat(name.pid);
  return stat !== null && !isDead(stat) && stat.startTicks === name.startTicks && name.bootId === currentBootId();
}

export function listPids(): readonly number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** A process with its descendants. */
export function processesBelow(root: number): readonly ProcessInfo[] {
  return groupByRoot([root]).get(root) ?? [];
}

/** The live processes of each root: itself, and its descendants that are not below another root. */
export function groupByRoot(roots: readonly number[]): ReadonlyMap<number, readonly ProcessInfo[]> {
  const all = listPids()
    .map(findProcess)
    .filter((info) => info !== null);
  const rootOf = new Map(roots.map((root) => [root, root]));
  for (let size = 0; size !== rootOf.size; ) {
    size = rootOf.size;
    for (const { pid, parentPid } of all) {
      const root = rootOf.get(parentPid);
      if (root !== undefined && !rootOf.has(pid)) rootOf.set(pid, root);
    }
  }
  return new Map(roots.map((root) => [root, all.filter(({ pid }) => rootOf.get(pid) === root)]));
}

/** Live processes that were started with exactly that variable ("NAME=value"); only those whose environment we may read. */
export function findByVariable(variable: string): readonly ProcessName[] {
  return listPids()
    .filter((pid) => readProc(pid, "environ")?.split("\0").includes(variable) === true)
    .map(nameProcess)
    .filter((name) => name !== null);
}

/**
 * Live processes other than this one whose arguments or environment name something in one of the folders; the environment counts only
 * where we may read it.
 */
export function findByFolder(folders: readonly string[]): readonly ProcessInfo[] {
  const names = (word: string) => folders.some((folder) => word.includes(`${folder}/`) || word.endsWith(folder));
  return listPids()
    .filter((pid) => pid !== process.pid)
    .filter((pid) => ["cmdline", "environ"].some((file) => readProc(pid, file)?.split("\0").some(names) === true))
    .map(findProcess)
    .filter((info) => info !== null);
}

/** Live processes other than this one that run a program, or are given one, from below the folder. */
export function findRunningFrom(folder: string): readonly ProcessInfo[] {
  return listPids()
    .filter((pid) => pid !== process.pid)
    .map(findProcess)
    .filter((info) => info !== null)
    .filter(({ exe, argv }) => [exe ?? "", ...argv].some((word) => word.startsWith(`${folder}/`)));
}

/** Sends a signal to exactly that process. False when it no longer lives. */
export function signalProcess(name: ProcessName, signal: NodeJS.Signals): boolean {
  return isAlive(name) && sendSignal(name.pid, signal);
}

/**
 * SIGKILLs what is left of the process group that `name` led. A group id cannot be reused while it has members, so
 * a live process with the leader's pid and another start time means that the group is gone and the id is a stranger's.
 */
export function killGroup(name: ProcessName): void {
  if (name.bootId !== currentBootId()) return;
  const leader = readStat(name.pid);
  if (leader !== null && leader.startTicks !== name.startTicks) return;
  if (groupMembers(name.pid).length > 0) sendSignal(-name.pid, "SIGKILL");
}

/** Live pids of one process group. */
export function groupMembers(processGroup: number): readonly number[] {
  return listPids().filter((pid) => {
    const stat = readStat(pid);
    return stat !== null && stat.processGroup === processGroup && !isDead(stat);
  });
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}
