import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";
import { CHECKOUT } from "../../test/support/stack.ts";

/** Where and on what the figures were taken; load is that of the last minute before. */
export interface MachineFacts {
  readonly at: string;
  readonly commit: string;
  readonly machine: string;
  readonly load: number;
}

export function machineFacts(): MachineFacts {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: CHECKOUT, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : " with changes";
  return {
    at: new Date().toISOString(),
    commit: `${git("rev-parse", "--short", "HEAD")}${changed}`,
    machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "?"}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Node ${process.version}`,
    load: loadavg()[0] ?? 0,
  };
}
