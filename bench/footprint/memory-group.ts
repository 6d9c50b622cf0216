/** A control group with a limit of memory, as if the machine had no more; cgroup v1 and v2. Needs root. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = "/sys/fs/cgroup";
const MIB = 1024 * 1024;

export interface MemoryGroup {
  /** As an engine takes it for the parent of its containers (ELK_OS_CGROUP_PARENT). */
  readonly path: string;
  /** Puts this process, and all that it starts from now on, into the group. */
  join(): void;
  /** Takes this process out again, and the group away. @throws Error while another process is in it */
  remove(): void;
}

/** No swap counts: there is none beside the limit. @throws Error where the kernel lets nobody limit memory */
export function makeMemoryGroup(name: string, limitMib: number): MemoryGroup {
  const isUnified = existsSync(join(ROOT, "cgroup.controllers"));
  const root = isUnified ? ROOT : join(ROOT, "memory");
  const folder = join(root, name);
  const before = readFileSync("/proc/self/cgroup", "utf8");
  const ownLine = before.split("\n").find((line) => (isUnified ? /^0::/ : /^\d+:([^:]*,)?memory[,:]/).test(line)) ?? "";
  const own = join(root, ownLine.slice(ownLine.indexOf(":/") + 1));
  if (isUnified) writeFileSync(join(root, "cgroup.subtree_control"), "+memory");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, isUnified ? "memory.max" : "memory.limit_in_bytes"), String(limitMib * MIB));
  if (isUnified) writeFileSync(join(folder, "memory.swap.max"), "0");
  const move = (to: string) => writeFileSync(join(to, "cgroup.procs"), String(process.pid));
  return {
    path: `/${name}`,
    join: () => move(folder),
    remove() {
      move(own);
      // An engine makes the parent in every hierarchy.
      const roots = isUnified ? [ROOT] : readdirSync(ROOT).map((controller) => join(ROOT, controller));
      for (const path of roots.map((each) => join(each, name)).filter((each) => existsSync(each))) rmdirSync(path);
    },
  };
}

/** Processes that the kernel ended for memory since the machine started, whichever limit they had met. */
export function outOfMemoryKills(): number {
  return Number(/^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "utf8"))?.[1]);
}
