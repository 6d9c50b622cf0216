/** The queues that are measured side by side, each driven by the same kind of Node process. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Bench } from "./cluster.ts";

const exec = promisify(execFile);
const HERE = import.meta.dirname;
/** 5 min: pg-boss at 50,000 jobs takes the longest, about 90 s. */
const TIMEOUT_MS = 300_000;

export interface Load {
  /** Jobs waiting at the start. */
  readonly backlog: number;
  /** Jobs to measure; graphile-worker always runs its whole backlog. */
  readonly timed: number;
  /** Jobs done untimed first, for the dead rows they leave. */
  readonly before: number;
  readonly clients: number;
}

/** Jobs per second, or null when the package is not installed. */
export async function runContender(name: string, bench: Bench, load: Load): Promise<number | null> {
  const [rival = ""] = /^(pg-boss|graphile-worker)/.exec(name) ?? ["pg"];
  if (!existsSync(join(HERE, "node_modules", rival))) return null;
  const argv = [join(HERE, "rivals.mjs"), name, bench.url, JSON.stringify(load)];
  const { stdout } = await exec("node", argv, { cwd: HERE, timeout: TIMEOUT_MS });
  return Number(JSON.parse(stdout).perSecond);
}

/** Installs the rivals into bench/claims/node_modules, once. Without them their rows are not measured. */
export async function installContenders(note: (line: string) => void): Promise<void> {
  if (existsSync(join(HERE, "node_modules"))) return;
  note("Installing the rivals into bench/claims/node_modules …");
  await exec("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", HERE]).catch(
    (error: unknown) => note(`Without rivals: ${String(error).slice(0, 300)}`),
  );
}
