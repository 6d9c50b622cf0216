import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";
import { join } from "node:path";

/** Where and on what figures were taken. */
export interface RunFacts {
  /** ISO time of the begin. */
  readonly at: string;
  readonly commit: string;
  /** Whether what was measured is not what that commit holds; results of other runs do not count. */
  readonly hasChanges: boolean;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryMb: number;
    readonly kernel: string;
    readonly node: string;
  };
  /** Load average of the minute before. */
  readonly loadBefore: number;
}

const ROOT = join(import.meta.dirname, "..");
export const RESULTS = join(import.meta.dirname, "results");

export function runFacts(): RunFacts {
  return {
    at: new Date().toISOString(),
    ...sources(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: cpus().length,
      memoryMb: Math.round(totalmem() / 2 ** 20),
      kernel: release(),
      node: process.version,
    },
    loadBefore: loadNow(),
  };
}

/** Outside a checkout, or without git, nobody can say what was measured: that counts as changed. */
function sources(): Pick<RunFacts, "commit" | "hasChanges"> {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    const changed = git("status", "--porcelain", "--", ".", ":(exclude)bench/results");
    return { commit: git("rev-parse", "--short", "HEAD"), hasChanges: changed !== "" };
  } catch {
    return { commit: "unknown", hasChanges: true };
  }
}

/** Load average of one minute: a figure that was taken beside other work says so. */
export function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}

/** "2 × AMD EPYC, 24 GiB, Linux 6.18, Node v24". Pure. */
export function describeMachine({ cpu, cores, memoryMb, kernel, node }: RunFacts["machine"]): string {
  return `${cores} × ${cpu}, ${Math.round(memoryMb / 1_024)} GiB, Linux ${kernel}, Node ${node}`;
}

/** One line of prose for a page. Pure. */
export function describeFacts({ at, commit, hasChanges, machine, loadBefore }: RunFacts): string {
  return `${at}, commit ${commit}${hasChanges ? " **with changes**" : ""}; ${describeMachine(machine)}; load ${loadBefore} before.`;
}
