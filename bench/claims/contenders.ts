/** The queues that are measured side by side, each driven by the same kind of Node process. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { z } from "zod";
import type { Bench } from "./cluster.ts";

const exec = promisify(execFile);
const HERE = import.meta.dirname;
/** 30 min: of 50,000 jobs at 30 a second. Who is slower still is cut, and told as slower than what it would have needed. */
const TIMEOUT_MS = 1_800_000;

export interface Load {
  /** Jobs waiting at the start. */
  readonly backlog: number;
  /** Jobs to measure; graphile-worker always runs its whole backlog. */
  readonly timed: number;
  /** Jobs done untimed first, for the dead rows they leave. */
  readonly before: number;
  readonly clients: number;
}

export interface Pace {
  /** Jobs per second; null: not measured. */
  readonly perSecond: number | null;
  /** It was cut: `perSecond` is more than it does. */
  readonly isBound: boolean;
  /** Why it was cut, or not measured. */
  readonly why: string | null;
}

const Line = z.union([
  z.object({ part: z.enum(["untimed", "timed"]), jobs: z.number() }),
  z.object({ perSecond: z.number() }),
]);

/** undefined: not a line of ours; a contender may have something to say of its own. */
function read(text: string): z.infer<typeof Line> | undefined {
  try {
    return Line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Never rejects: one contender that is slow or broken is no reason to lose the others' figures. */
export async function runContender(
  name: string,
  bench: Pick<Bench, "url">,
  load: Load,
  timeoutMs = TIMEOUT_MS,
): Promise<Pace> {
  const [rival = ""] = /^(pg-boss|graphile-worker)/.exec(name) ?? ["pg"];
  const none = (why: string): Pace => ({ perSecond: null, isBound: false, why });
  if (!existsSync(join(HERE, "node_modules", rival))) return none("not installed");
  const argv = [join(HERE, "rivals.mjs"), name, bench.url, JSON.stringify(load)];
  let part: { readonly name: string; readonly jobs: number; readonly since: number } | undefined;
  let perSecond: number | undefined;
  const running = exec("node", argv, { cwd: HERE, timeout: timeoutMs, killSignal: "SIGKILL" });
  const { stdout } = running.child;
  if (stdout === null) return none("its output cannot be read");
  const lines = createInterface({ input: stdout });
  lines.on("line", (text) => {
    const line = read(text);
    if (line === undefined) return;
    if ("part" in line) part = { name: line.part, jobs: line.jobs, since: performance.now() };
    else perSecond = line.perSecond;
  });
  const closed = once(lines, "close");
  try {
    await running;
    await closed;
    return perSecond === undefined ? none("it ended without a figure") : { perSecond, isBound: false, why: null };
  } catch (error) {
    const wasCut = Reflect.get(Object(error), "killed") === true;
    if (!wasCut || part === undefined) return none(String(error).split("\n")[0]?.slice(0, 160) ?? "it failed");
    const seconds = (performance.now() - part.since) / 1000;
    const why = `cut after ${Math.round(seconds)} s of its ${part.jobs} ${part.name} jobs`;
    return { perSecond: part.jobs / seconds, isBound: true, why };
  }
}

/** Installs the rivals into bench/claims/node_modules, once. Without them their rows are not measured. */
export async function installContenders(note: (line: string) => void): Promise<void> {
  if (existsSync(join(HERE, "node_modules"))) return;
  note("Installing the rivals into bench/claims/node_modules …");
  await exec("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", HERE]).catch(
    (error: unknown) => note(`Without rivals: ${String(error).slice(0, 300)}`),
  );
}
